from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import safetensors.numpy

from salience import files, ops
from salience.errors import DtypeError, RangeError, SalienceError, ShapeError, WeightsError
from salience.model import interchange
from salience.model.interchange import RNNLayer, rnn_from_state_dict, rnn_to_state_dict, run_rnn
from salience.testing import random_floats, random_starts

INPUTS, STATES = 5, 4
"""D, and K, the states of one way."""

forms = pytest.mark.parametrize("layers", [1, 2])
directions = pytest.mark.parametrize("both", [False, True], ids=["one way", "both ways"])
biased = pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])


def state_dict(layers=1, both=False, bias=True, prefix=""):
    """What nn.RNN(5, 4, ...).state_dict() would hold, of our own numbers."""
    tensors = {}
    for k in range(layers):
        for way in ("", "_reverse")[: 1 + both]:
            width = INPUTS if k == 0 else STATES * (1 + both)
            shapes = {"weight_ih": (STATES, width), "weight_hh": (STATES, STATES)}
            shapes |= {"bias_ih": (STATES,), "bias_hh": (STATES,)} if bias else {}
            for kind, shape in shapes.items():
                numbers = random_floats(*shape, seed=len(tensors), scale=0.5)
                tensors[f"{prefix}{kind}_l{k}{way}"] = numbers
    return tensors


def by_loop(tensors, layers, both, x, starts, initial, activation):
    """nn.RNN as its documentation says it, in float64, straight from the state dict."""
    f = np.tanh if activation == "tanh" else lambda a: np.maximum(a, 0)
    h, finals = x.astype(np.float64), np.empty(initial.shape)
    for k in range(layers):
        states = np.empty((len(x), initial.shape[2]))
        for way, name in enumerate(("", "_reverse")[: 1 + both]):
            w = {
                kind: tensors.get(f"{kind}_l{k}{name}", np.zeros(STATES)).astype(np.float64)
                for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            }
            columns = slice(way * STATES, (way + 1) * STATES)
            for b, (first, last) in enumerate(pairwise(starts)):
                state = initial[k, b, columns].astype(np.float64)
                for t in range(first, last)[:: -1 if way else 1]:
                    u = w["weight_ih"] @ h[t] + w["bias_ih"] + w["bias_hh"]
                    state = states[t, columns] = f(u + w["weight_hh"] @ state)
                finals[k, b, columns] = state
        h = states
    return h, finals


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@forms
@directions
@biased
def test_a_network_is_the_loop_of_its_state_dict(layers, both, bias, activation):
    tensors, starts = state_dict(layers, both, bias), random_starts([3, 0, 9, 1])
    x = random_floats(starts[-1], INPUTS, seed=50)
    initial = random_floats(layers, 4, STATES * (1 + both), seed=51)
    got = run_rnn(rnn_from_state_dict(tensors), x, starts, initial, activation)
    want = by_loop(tensors, layers, both, x, starts, initial, activation)
    for a, b in zip(got, want, strict=True):
        assert a.dtype == np.float32
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    got = run_rnn(rnn_from_state_dict(tensors), x, starts)
    want = by_loop(tensors, layers, both, x, starts, 0 * initial, "tanh")
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@forms
@directions
@biased
def test_layers_come_back_from_a_file_bit_for_bit(layers, both, bias, tmp_path):
    before = rnn_from_state_dict(state_dict(layers, both, bias, "rnn."), "rnn.")
    path = tmp_path / "new folder" / "rnn.safetensors"
    interchange.write_state_dict(path, rnn_to_state_dict(before, "a.b."))
    after = rnn_from_state_dict(interchange.read_state_dict(path), "a.b.")
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert len(before) == len(after) == layers
    for one, other in zip(before, after, strict=True):
        assert other.direction == ("both" if both else "forward")
        assert (other.bias is None) == (not bias)
        for a, b in zip(one, other, strict=True):
            if a is not None:
                assert a.dtype == b.dtype == np.float32
                assert a.shape == b.shape
                assert a.tobytes() == b.tobytes()


@forms
@directions
@biased
def test_the_names_are_those_that_came_and_the_second_bias_is_zeros(layers, both, bias):
    tensors = state_dict(layers, both, bias, "rnn.")
    written = rnn_to_state_dict(rnn_from_state_dict(tensors, "rnn."), "rnn.")
    assert list(written) == list(tensors)
    for name, array in written.items():
        want = tensors[name]
        if "bias_ih" in name:
            want = want + tensors[name.replace("bias_ih", "bias_hh")]
        np.testing.assert_array_equal(array, 0 * want if "bias_hh" in name else want)


def test_both_ways_lie_beside_one_another():
    tensors = state_dict(both=True)
    (layer,) = rnn_from_state_dict(tensors)
    assert layer.weight.shape == (2, STATES, STATES)
    np.testing.assert_array_equal(layer.weight[1], tensors["weight_hh_l0_reverse"])
    np.testing.assert_array_equal(layer.input_weight[:STATES], tensors["weight_ih_l0"])
    np.testing.assert_array_equal(layer.input_weight[STATES:], tensors["weight_ih_l0_reverse"])


def test_a_whole_module_s_state_dict_is_read_part_by_part():
    table = random_floats(7, INPUTS)
    tensors = {"embedding.weight": table, "rnn.more.fc.weight": table, "fc.bias": random_floats(3)}
    tensors |= state_dict(prefix="rnn.")
    assert len(rnn_from_state_dict(tensors, "rnn.")) == 1
    read = interchange.embedding_from_state_dict(tensors, "embedding.")
    np.testing.assert_array_equal(read, table)
    tensors = {name.removeprefix("rnn."): tensor for name, tensor in tensors.items()}
    assert len(rnn_from_state_dict(tensors)) == 1


def test_an_embedding_comes_back_from_a_file_bit_for_bit(tmp_path):
    table = random_floats(7, INPUTS)
    written = interchange.embedding_to_state_dict(table, "embedding.")
    assert list(written) == ["embedding.weight"]
    interchange.write_state_dict(str(tmp_path / "e"), written)
    tensors = interchange.read_state_dict(str(tmp_path / "e"))
    read = interchange.embedding_from_state_dict(tensors, "embedding.")
    assert read.tobytes() == table.tobytes()
    assert list(interchange.embedding_to_state_dict(table)) == ["weight"]


@pytest.mark.parametrize("dtype", ["float16", "float64", ">f4"])
def test_other_floats_become_float32(dtype, tmp_path):
    tensors = {name: array.astype(dtype) for name, array in state_dict(2, True).items()}
    interchange.write_state_dict(tmp_path / "m", tensors)
    read = interchange.read_state_dict(tmp_path / "m")
    assert read["weight_hh_l0"].dtype == np.dtype(dtype).newbyteorder("<")
    for layer in rnn_from_state_dict(read):
        assert all(array.dtype == np.float32 for array in layer)
    np.testing.assert_array_equal(
        rnn_from_state_dict(read)[1].weight[1],
        tensors["weight_hh_l1_reverse"].astype(np.float32),
    )
    read = interchange.embedding_from_state_dict({"weight": np.eye(3, dtype=dtype)})
    assert read.dtype == np.float32


def test_what_is_made_of_a_state_dict_is_a_copy_that_can_be_trained(tmp_path):
    interchange.write_state_dict(tmp_path / "m", state_dict())
    for tensors in (state_dict(), interchange.read_state_dict(tmp_path / "m")):
        (layer,) = rnn_from_state_dict(tensors)
        table = interchange.embedding_from_state_dict({"weight": tensors["weight_hh_l0"]})
        for array in (*layer, table):
            assert array.flags.writeable
            assert not any(np.shares_memory(array, tensor) for tensor in tensors.values())
        written = rnn_to_state_dict([layer]) | interchange.embedding_to_state_dict(table)
        for array in written.values():
            assert not any(np.shares_memory(array, mine) for mine in (*layer, table))


@pytest.mark.parametrize(
    ("drop", "add", "text"),
    [
        (["weight_hh_l0"], {}, "missing: weight_hh_l0; unknown: none"),
        (["bias_hh_l1"], {}, "missing: bias_hh_l1; unknown: none"),
        (["weight_ih_l0"], {}, "missing: weight_ih_l0; unknown: bias_hh_l1, "),
        ([], {"weight_hr_l0": np.zeros((2, 4))}, "missing: none; unknown: weight_hr_l0"),
        ([], {"weight_ih_l0_reverse": np.zeros((4, 5))}, "missing: bias_hh_l0_reverse, "),
        ([], {"weight_hh_l3": np.zeros((4, 4))}, "unknown: weight_hh_l3; came: bias_hh_l0, "),
    ],
)
def test_misnamed_tensors_are_refused(drop, add, text):
    tensors = {name: a for name, a in state_dict(2).items() if name not in drop} | add
    with pytest.raises(WeightsError, match=text) as caught:
        rnn_from_state_dict(tensors)
    assert str(caught.value).startswith(
        "rnn_from_state_dict: expected the names of an nn.RNN after the prefix ''; missing: "
    )
    assert str(caught.value).endswith(
        "Give the whole state dict, and the prefix, as in 'rnn.'"
    )  # fmt: skip


@pytest.mark.parametrize("prefix", ["", "rnn", "encoder.rnn."])
def test_a_wrong_prefix_is_refused_with_what_there_is(prefix):
    tensors = state_dict(bias=False, prefix="rnn.")
    with pytest.raises(WeightsError, match=r"came: rnn.weight_hh_l0, rnn.weight_ih_l0\. Give"):
        rnn_from_state_dict(tensors, prefix)
    text = r"expected a tensor .*weight', got rnn.weight_hh_l0, rnn.weight_ih_l0; give the prefix"
    with pytest.raises(WeightsError, match=text):
        interchange.embedding_from_state_dict(tensors, prefix)


@pytest.mark.parametrize(
    ("name", "tensor", "error", "text"),
    [
        ("weight_hh_l0", np.zeros((16, 4)), ShapeError, r"\[4, 4\], got \[16, 4\]"),
        ("weight_hh_l1", np.zeros((4, 5)), ShapeError, r"\[4, 4\], got \[4, 5\]"),
        ("weight_ih_l0", np.zeros(4), ShapeError, r"\[K, D\], got \[4\]"),
        ("weight_ih_l0_reverse", np.zeros((4, 6)), ShapeError, r"\[4, 5\], got \[4, 6\]"),
        ("weight_ih_l1", np.zeros((4, 4)), ShapeError, r"\[4, 8\], got \[4, 4\]"),
        ("bias_hh_l1_reverse", np.zeros(1), ShapeError, r"\[4\], got \[1\]"),
        ("bias_ih_l0", np.zeros(4, int), DtypeError, "floating-point numbers, got int64"),
        ("bias_ih_l0", np.full(4, np.nan), RangeError, "not finite"),
        ("bias_ih_l0", np.full(4, 1e300), RangeError, "not finite"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_misfitting_tensors_are_refused_by_name(name, tensor, error, text):
    tensors = {**state_dict(2, True, prefix="rnn."), f"rnn.{name}": tensor}
    with pytest.raises(error, match=f"^rnn_from_state_dict: rnn.{name} .*{text}"):
        rnn_from_state_dict(tensors, "rnn.")


LAYER, TWO_WAYS = (rnn_from_state_dict(state_dict(both=both))[0] for both in (False, True))
ABOVE = rnn_from_state_dict(state_dict(2))[1]


@pytest.mark.parametrize(
    ("layers", "error", "text"),
    [
        ([], WeightsError, "expected the names of an nn.RNN .* missing: weight_hh_l0"),
        ([LAYER, ABOVE._replace(bias=None)], WeightsError, "missing: bias_hh_l1, bias_ih_l1"),
        ([LAYER, TWO_WAYS], WeightsError, "missing: .*_l0_reverse"),
        ([LAYER, LAYER], ShapeError, r"weight_ih_l1 must .* \[4, 4\], got \[4, 5\]"),
        ([LAYER._replace(input_weight=random_floats(7, 5))], ShapeError, r"\[4, 5\], got \[7, 5\]"),
        ([TWO_WAYS._replace(input_weight=random_floats(7, 5))], ShapeError, r"got \[3, 5\]"),
        ([LAYER._replace(bias=random_floats(8))], ShapeError, r"\[4\], got \[8\]"),
        ([LAYER._replace(weight=random_floats(3, 4))], ShapeError, r"\[4, 4\], got \[3, 4\]"),
        ([TWO_WAYS._replace(weight=random_floats(3, 4, 4))], ShapeError, r"\[2, 4, 4\], got"),
        ([LAYER._replace(bias=np.zeros(4, int))], DtypeError, "bias_ih_l0 must hold floating"),
    ],
)
def test_layers_that_no_network_could_load_are_not_written(layers, error, text):
    with pytest.raises(error, match=text):
        rnn_to_state_dict(layers)


@pytest.mark.parametrize(
    ("layers", "change", "error", "text"),
    [
        ([], {}, WeightsError, "run_rnn: expected at least one layer, got none"),
        ([LAYER], {"x": random_floats(3, 6)}, ShapeError, r"x must .* \[N, 5\], got \[3, 6\]"),
        ([LAYER], {"starts": [0, 4]}, RangeError, "run_rnn: starts must begin with 0 and end"),
        ([LAYER], {"initial": random_floats(1, 4)}, ShapeError, r"initial .* \[1, 1, 4\], got"),
        ([LAYER], {"activation": "gelu"}, RangeError, "activation must be one of tanh, relu"),
        ([LAYER, LAYER], {}, ShapeError, r"x must have the shape \[N, 5\], got \[3, 4\]"),
    ],
)
def test_a_run_refuses_what_does_not_fit(layers, change, error, text):
    with pytest.raises(error, match=text):
        run_rnn(layers, **{"x": random_floats(3, 5), "starts": [0, 3], **change})


def test_no_documents_have_no_states():
    states, final = run_rnn([LAYER, ABOVE], np.zeros((0, 5), np.float32), [0])
    assert (states.shape, final.shape) == ((0, 4), (2, 0, 4))


def test_a_layer_can_be_written_by_hand():
    layer = RNNLayer(np.eye(2, dtype=np.float32), None, np.zeros((2, 2), np.float32))
    states, _ = run_rnn([layer], np.float32([[1, -1]]), [0, 1], activation="relu")
    assert states.tolist() == [[1, 0]]
    assert list(rnn_to_state_dict([layer])) == ["weight_ih_l0", "weight_hh_l0"]


def bfloat16_file():
    header = b'{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}'
    return len(header).to_bytes(8, "little") + header + bytes(4)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a pickle of PyTorch's", bfloat16_file()])
def test_a_file_that_cannot_be_read_is_named(content, tmp_path):
    path = tmp_path / "model.pt"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="expected a safetensors file") as caught:
        interchange.read_state_dict(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "safetensors.torch.save_model(module.float(), path)" in str(caught.value)


class Tensor:
    """PyTorch's tensor as NumPy meets it: one that learns, or of a type that NumPy lacks."""

    def __init__(self, error):
        self.error = error

    def __array__(self, *args, **kwargs):
        raise self.error


UNREADABLE = [
    RuntimeError("Can't call numpy() on Tensor that requires grad."),
    TypeError("Got unsupported ScalarType BFloat16"),
]


@pytest.mark.parametrize("error", UNREADABLE, ids=["gradient", "bfloat16"])
def test_a_tensor_that_numpy_cannot_read_is_named_with_what_to_do(error, tmp_path):
    tensors = {"weight": Tensor(error)}
    advice = r"(weight|table) must be an array .*; for one of PyTorch's give tensor\.detach\(\)"
    with pytest.raises(DtypeError, match=advice):
        interchange.embedding_from_state_dict(tensors)
    with pytest.raises(DtypeError, match=advice):
        interchange.write_state_dict(tmp_path / "m", tensors)
    with pytest.raises(DtypeError, match=advice):
        ops.embedding(tensors["weight"], [0])
    assert list(tmp_path.iterdir()) == []


def test_a_state_dict_on_a_gpu_is_refused(tmp_path):
    tensor = SimpleNamespace(__cuda_array_interface__={})
    for use in (
        interchange.embedding_from_state_dict,
        lambda tensors: interchange.write_state_dict(tmp_path / "m", tensors),
    ):
        with pytest.raises(DtypeError, match=r"weight must be on the host.*module\.cpu\(\)"):
            use({"weight": tensor})


def test_rows_of_several_lengths_are_refused():
    with pytest.raises(ShapeError, match="weight must be an array with rows of one length"):
        interchange.embedding_from_state_dict({"weight": [[1.0], [1.0, 2.0]]})


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"none: expected .* No such file .* check the path"):
        interchange.read_state_dict(tmp_path / "none")


@pytest.mark.parametrize(
    "array",
    [np.array(["a"]), np.array([None]), np.zeros(2, complex)],
    ids=["text", "objects", "complex"],
)
def test_what_is_not_numbers_is_not_written(array, tmp_path):
    with pytest.raises(
        DtypeError, match=r"^write_state_dict: fc\.weight must hold numbers"
    ) as caught:
        interchange.write_state_dict(tmp_path / "m", {"fc.weight": array})
    assert isinstance(caught.value, SalienceError)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "m"
    interchange.write_state_dict(path, {"a": np.zeros(3)})

    def fail(*args):
        raise OSError("the disk is full")

    monkeypatch.setattr(files.os, "fsync", fail)
    with pytest.raises(OSError, match="the disk is full"):
        interchange.write_state_dict(path, {"b": np.zeros(5)})
    assert list(interchange.read_state_dict(path)) == ["a"]
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_file_is_plain_safetensors_and_a_list_is_an_array(tmp_path):
    interchange.write_state_dict(tmp_path / "m", {"a": [1.0, 2.0], "n": np.arange(3)})
    read = safetensors.numpy.load_file(tmp_path / "m")
    assert read["a"].tolist() == [1, 2]
    assert read["n"].dtype == np.int64


@pytest.mark.parametrize("name", ["__metadata__", 3])
def test_a_name_that_a_file_cannot_have_is_refused(tmp_path, name):
    with pytest.raises(RangeError, match=r"^write_state_dict: names must be text, and not '__meta"):
        interchange.write_state_dict(tmp_path / "m", {"a": np.zeros(3), name: np.zeros(3)})
    assert not (tmp_path / "m").exists()
