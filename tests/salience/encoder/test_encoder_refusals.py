import numpy as np
import pytest

from salience.encoder.encoder import Encoder
from salience.errors import DtypeError, RangeError, SalienceError, ShapeError, WeightsError
from salience.model.weights import Weights
from salience.types import Ragged

from ..models import ENCODER, WEIGHTS, random_bags

TENSORS = sorted(WEIGHTS.tensors)
FLOATS = [name for name in TENSORS if name != "words"]


def use(tensors, settings=WEIGHTS.settings):
    """Make an encoder and use it: tables are read when they are first needed."""
    return Encoder(Weights(tensors, settings)).encode(random_bags(5), np.array([0, 5]))


def changed(name, array):
    return {**WEIGHTS.tensors, name: array}


@pytest.mark.parametrize("name", TENSORS)
def test_a_missing_tensor_is_named(name):
    tensors = {other: array for other, array in WEIGHTS.tensors.items() if other != name}
    with pytest.raises(WeightsError, match=f"^weights: .*{name!r}.* is missing; found "):
        Encoder(Weights(tensors, WEIGHTS.settings))


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize("change", ["longer", "flat"])
def test_a_tensor_of_another_shape_is_named(name, change):
    array = WEIGHTS.tensors[name]
    wrong = np.concatenate([array, array]) if change == "longer" else array[None]
    # What decides the others' shapes is only seen to differ from them.
    named = {"decay": r"\w+", "fusion_gate": r"\w+", "query": "key"}.get(name, name)
    with pytest.raises(SalienceError, match=rf"^weights: ({name}|{named}) must have the shape "):
        Encoder(Weights(changed(name, wrong), WEIGHTS.settings))


def test_weights_of_no_states_are_refused():
    tensors = {**WEIGHTS.tensors}
    for name in ("decay", "input_weight", "input_bias", "output_weight", "output_bias"):
        tensors[name] = tensors[name][:0]
    for name in ("query", "key", "fusion_weight"):
        tensors[name] = tensors[name][..., :0]
    with pytest.raises(RangeError, match=r"^weights: the number of states must be .* >= 2, got 0"):
        Encoder(Weights(tensors, WEIGHTS.settings))


def test_n_grams_that_are_longest_before_they_are_shortest_are_refused():
    settings = {**WEIGHTS.settings, "shortest": 4, "longest": 3}
    with pytest.raises(RangeError, match=r"^weights: longest must be a whole number >= 4, got 3"):
        Encoder(Weights(WEIGHTS.tensors, settings))


def test_a_token_without_rows_is_refused():
    bags = Ragged(np.array([1, 2]), np.array([0, 1, 1, 2]))
    with pytest.raises(RangeError, match=r"^encode: each of bags must have a row, but number 1 "):
        ENCODER.encode(bags, np.array([0, 3]))


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_refused(name, bad):
    array = WEIGHTS.tensors[name].copy()
    array.flat[-1] = bad
    with pytest.raises(SalienceError, match=rf"^weights: {name} .*finite"):
        use(changed(name, array))


@pytest.mark.parametrize("bad", [0, 1, -0.5, 1.5])
def test_a_decay_that_is_not_between_0_and_1_is_refused(bad):
    decay = WEIGHTS.tensors["decay"].copy()
    decay[0] = bad
    with pytest.raises(WeightsError, match=r"^weights: decay must lie between 0 and 1, exclusive"):
        use(changed("decay", decay))


@pytest.mark.parametrize("name", [name for name in FLOATS if name != "table"])
def test_whole_numbers_are_refused_where_fractions_are_due(name):
    with pytest.raises(DtypeError, match=f"^weights: {name} must hold floating-point numbers"):
        use(changed(name, WEIGHTS.tensors[name].astype(np.int8)))


def test_a_table_of_int8_without_scales_is_refused():
    with pytest.raises(WeightsError, match="the tensor 'table_scale' is missing"):
        use(changed("table", WEIGHTS.tensors["table"].astype(np.int8)))


def test_a_table_of_other_whole_numbers_is_refused():
    with pytest.raises(SalienceError, match=r"^weights: table must"):
        use(changed("table", WEIGHTS.tensors["table"].astype(np.int16)))


def test_words_that_are_not_utf8_are_refused():
    with pytest.raises(WeightsError, match=r"^weights: the words cannot be read"):
        use(changed("words", np.array([0xFF, 0xFE], dtype=np.uint8)))


def test_a_width_that_the_heads_do_not_divide_is_refused():
    three = {name: WEIGHTS.tensors[name][[0, 1, 1]] for name in ("query", "key")}
    with pytest.raises(SalienceError, match="multiple of heads"):
        use({**WEIGHTS.tensors, **three})


@pytest.mark.parametrize("name", sorted(WEIGHTS.settings))
def test_a_missing_setting_is_named(name):
    settings = {other: value for other, value in WEIGHTS.settings.items() if other != name}
    with pytest.raises(WeightsError, match=name):
        use(WEIGHTS.tensors, settings)


@pytest.mark.parametrize(
    ("name", "bad"), [("window", -1), ("window", "all"), ("buckets", -5), ("buckets", "many")]
)
def test_a_setting_out_of_range_is_refused(name, bad):
    with pytest.raises(SalienceError, match=f"^weights: .*({name}|shape)"):
        use(WEIGHTS.tensors, {**WEIGHTS.settings, name: bad})


BAGS = random_bags(3)


@pytest.mark.parametrize(
    ("bags", "starts", "error", "text"),
    [
        (Ragged(BAGS.data + 91, BAGS.starts), [0, 3], RangeError, r"bags.data must lie in 0\.\.90"),
        (Ragged(BAGS.data - 91, BAGS.starts), [0, 3], RangeError, r"bags.data must lie in 0\.\.90"),
        (Ragged(BAGS.data, BAGS.starts[:-1]), [0, 2], RangeError, "bags.starts must begin with 0"),
        (BAGS, [0, 4], RangeError, "starts must begin with 0 and end with .*, 3; got 0 and 4"),
        (BAGS, [0, 2, 1, 3], RangeError, "starts must never fall"),
        (BAGS, [[0, 3]], ShapeError, "starts must have the shape"),
        (BAGS, [0.0, 3.0], DtypeError, "starts must hold whole numbers, got float64"),
    ],
)
def test_a_batch_that_does_not_fit_is_refused(bags, starts, error, text):
    with pytest.raises(error, match=f"^encode: {text}"):
        ENCODER.encode(bags, starts)


def test_rows_outside_the_document_are_refused():
    with pytest.raises(RangeError, match=r"rows must lie within the document's 3 tokens, got 0..4"):
        ENCODER.attention(BAGS, (0, 4))
