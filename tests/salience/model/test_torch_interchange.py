"""PyTorch judges what is carried to and from it, the design's network, and the tutorial."""

import numpy as np
import pytest

from salience import ops
from salience.errors import ShapeError, WeightsError
from salience.model import interchange
from salience.model.interchange import rnn_from_state_dict, rnn_to_state_dict, run_rnn
from salience.testing import random_floats, random_starts

from ...test_docs import DOCS, run_blocks

torch = pytest.importorskip("torch", reason="PyTorch is the judge, and is never required")
files = pytest.importorskip("safetensors.torch", reason="needs PyTorch")

INPUTS, STATES, TOKENS = 64, 128, 12

activations = pytest.mark.parametrize("activation", ["tanh", "relu"])
depths = pytest.mark.parametrize("depth", [1, 2])
directions = pytest.mark.parametrize("both", [False, True], ids=["one way", "both ways"])
biased = pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])


def agree(got, want, tolerance=1e-5):
    np.testing.assert_allclose(got, want.detach().numpy(), rtol=tolerance, atol=tolerance)


def make_rnn(activation="tanh", depth=1, both=False, bias=True, seed=0):
    torch.manual_seed(seed)
    return torch.nn.RNN(
        INPUTS, STATES, depth, nonlinearity=activation, bias=bias, bidirectional=both
    )  # fmt: skip


def example(depth, both):
    """Tokens of one document, and the first states of both layouts."""
    initial = random_floats(depth, 1, STATES * (1 + both), seed=1)
    ways = initial.reshape(depth, 1 + both, STATES)
    return random_floats(TOKENS, INPUTS), initial, torch.tensor(ways.reshape(-1, STATES))


def assert_same_network(layers, network, activation, depth, both):
    x, initial, first = example(depth, both)
    want, want_final = network(torch.tensor(x), first)
    states, final = run_rnn(layers, x, [0, TOKENS], initial, activation)
    agree(states, want)
    agree(final.reshape(-1, STATES), want_final)


@activations
@depths
@directions
@biased
def test_a_network_of_pytorch_s_gives_the_same_here(activation, depth, both, bias, tmp_path):
    network = make_rnn(activation, depth, both, bias)
    files.save_file(network.state_dict(), tmp_path / "rnn.safetensors")
    read = interchange.read_state_dict(tmp_path / "rnn.safetensors")
    assert_same_network(rnn_from_state_dict(read), network, activation, depth, both)


@activations
@depths
@directions
@biased
def test_a_network_of_ours_gives_the_same_in_pytorch(activation, depth, both, bias, tmp_path):
    layers = rnn_from_state_dict(make_rnn(activation, depth, both, bias).state_dict())
    interchange.write_state_dict(tmp_path / "rnn.safetensors", rnn_to_state_dict(layers))
    network = make_rnn(activation, depth, both, bias, seed=1)
    network.load_state_dict(files.load_file(tmp_path / "rnn.safetensors"), strict=True)
    assert_same_network(layers, network, activation, depth, both)


@depths
@directions
def test_documents_end_to_end_are_a_packed_batch_in_pytorch(depth, both):
    network, lengths = make_rnn(depth=depth, both=both), [3, 1, 20]
    starts = random_starts(lengths)
    x = random_floats(starts[-1], INPUTS)
    parts = torch.split(torch.tensor(x), lengths)
    want, h_n = network(torch.nn.utils.rnn.pack_sequence(parts, enforce_sorted=False))
    padded, _ = torch.nn.utils.rnn.pad_packed_sequence(want, batch_first=True)
    states, final = run_rnn(rnn_from_state_dict(network.state_dict()), x, starts)
    for b, length in enumerate(lengths):
        agree(states[starts[b] : starts[b + 1]], padded[b, :length])
    ways = final.reshape(depth, 3, 1 + both, STATES).swapaxes(1, 2)
    agree(ways.reshape(-1, 3, STATES), h_n)


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_another_precision_is_float32_here(dtype, tmp_path):
    network = make_rnn().to(getattr(torch, dtype))
    files.save_file(network.state_dict(), tmp_path / "m")
    layers = rnn_from_state_dict(interchange.read_state_dict(tmp_path / "m"))
    assert_same_network(layers, network.float(), "tanh", 1, False)


def test_bfloat16_is_refused_with_what_to_do(tmp_path):
    files.save_file(make_rnn().bfloat16().state_dict(), tmp_path / "m")
    with pytest.raises(WeightsError, match=r"module\.float\(\)\.state_dict\(\)"):
        interchange.read_state_dict(tmp_path / "m")


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_gated_networks_are_refused(kind):
    tensors = getattr(torch.nn, kind)(INPUTS, STATES).state_dict()
    with pytest.raises(ShapeError, match=r"weight_hh_l0 .* \[128, 128\], got"):
        rnn_from_state_dict(tensors)


def test_an_embedding_is_the_same_both_ways(tmp_path):
    torch.manual_seed(0)
    theirs, ids = torch.nn.Embedding(10_000, 64), [1, 9_999, 1]
    files.save_file(theirs.state_dict(), tmp_path / "m")
    table = interchange.embedding_from_state_dict(interchange.read_state_dict(tmp_path / "m"))
    np.testing.assert_array_equal(
        ops.embedding(table, ids), theirs(torch.tensor(ids)).detach().numpy()
    )
    interchange.write_state_dict(tmp_path / "m", interchange.embedding_to_state_dict(table))
    other = torch.nn.Embedding(10_000, 64)
    other.load_state_dict(files.load_file(tmp_path / "m"), strict=True)
    assert torch.equal(other.weight, theirs.weight)


class Model(torch.nn.Module):
    """The design's: words, 64 inputs, 128 states and 10 outputs of the last one."""

    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(10_000, INPUTS)
        self.rnn = torch.nn.RNN(INPUTS, STATES, batch_first=True)
        self.fc = torch.nn.Linear(STATES, 10)

    def forward(self, ids):
        states, _ = self.rnn(self.embedding(ids))
        return self.fc(states[:, -1])


def test_the_design_s_network_gives_the_same_outputs(tmp_path):
    torch.manual_seed(0)
    model, ids = Model(), torch.randint(10_000, (3, 10))
    files.save_file(model.state_dict(), tmp_path / "m")
    tensors = interchange.read_state_dict(tmp_path / "m")
    table = interchange.embedding_from_state_dict(tensors, "embedding.")
    layers = rnn_from_state_dict(tensors, "rnn.")
    x = ops.embedding(table, ids.reshape(-1).numpy())
    _, final = run_rnn(layers, x, [0, 10, 20, 30])
    agree(ops.affine(final[-1], tensors["fc.weight"], tensors["fc.bias"]), model(ids))

    written = interchange.embedding_to_state_dict(table, "embedding.")
    written |= rnn_to_state_dict(layers, "rnn.")
    written |= {name: tensors[name] for name in ("fc.weight", "fc.bias")}
    interchange.write_state_dict(tmp_path / "m", written)
    other = Model()
    other.load_state_dict(files.load_file(tmp_path / "m"), strict=True)
    torch.testing.assert_close(other(ids), model(ids), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_the_blocks_with_pytorch_run(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_blocks(path, kinds=("python", "python torch"))
