"""Weights of PyTorch's nn.Embedding and nn.RNN, read and written without PyTorch.

A state dict is what module.state_dict() gives: tensors by name, here NumPy's (or
any that NumPy reads). Its file is safetensors, never a pickle. What is made of a
state dict is a float32 copy. Names and shapes: the documentation of torch.nn.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from .. import checks
from ..errors import DtypeError, RangeError, WeightsError
from ..ops.affine import affine
from ..ops.tanh_recurrence import Activation, tanh_recurrence
from ..types import Direction, Floats, on_gpu
from .signatures import header_of, kind_of
from .weights import Weights, save

StateDict: TypeAlias = Mapping[str, ArrayLike]

_ROLES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
_WAYS = ("", "_reverse")


class RNNLayer(NamedTuple):
    """One layer of nn.RNN: W_x [H, D], b [H] or None, and W_h [H, H], or [2, H/2, H/2] both ways.

    In both ways, the first half of the rows of W_x and b is for the way forward.
    """

    input_weight: Floats
    bias: Floats | None
    weight: Floats

    @property
    def direction(self) -> Direction:
        """The direction that ops.tanh_recurrence takes with this W_h."""
        return "both" if self.weight.ndim == 3 else "forward"


def run_rnn(
    layers: Sequence[RNNLayer], x: ArrayLike, starts: ArrayLike,
    initial: ArrayLike | None = None, activation: Activation = "tanh",
) -> tuple[Floats, Floats]:  # fmt: skip
    """Run an nn.RNN over documents end to end, each layer over the states of the one below.

    h_t = f(W_x x_t + b + W_h h_{t-1}), f = tanh or relu (Elman, Finding Structure in Time, 1990)

    x is [N, D], starts [B + 1] and initial [layers, B, H], zeros where None. Returns
    the last layer's states [N, H] and the final states of all [layers, B, H]; nn.RNN
    has those of a layer's two ways in two rows of H/2. Raises WeightsError without a
    layer, RangeError, ShapeError or DtypeError where an array does not fit the others.
    """
    if not layers:
        raise WeightsError("run_rnn: expected at least one layer, got none; read them first")
    h, finals = checks.floats("run_rnn", "x", x, ("N", "D")), []
    starts = checks.starts("run_rnn", "starts", starts, len(h))
    shape = (len(layers), len(starts) - 1, len(layers[0].input_weight))
    initial = checks.floats_or_zeros("run_rnn", "initial", initial, shape, h)
    for layer, first in zip(layers, initial, strict=True):
        u, way = affine(h, layer.input_weight, layer.bias), layer.direction
        h, final = tanh_recurrence(
            u, layer.weight, starts, initial=first, direction=way, activation=activation
        )
        finals.append(final)
    return h, np.stack(finals)


def rnn_from_state_dict(tensors: StateDict, prefix: str = "") -> list[RNNLayer]:
    """Return the layers of the nn.RNN whose names begin with the prefix, the lowest first.

    W_x = weight_ih_l{k} [K, D], W_h = weight_hh_l{k} [K, K], b = bias_ih_l{k} + bias_hh_l{k} [K];
    weight_ih_l{k}_reverse and so on are the second half of a layer that runs both ways

    Names with a dot after the prefix are another module's. Raises WeightsError where
    a name is missing or unknown; ShapeError, DtypeError or RangeError where a tensor
    does not fit (an LSTM or GRU has 4 or 3 times the rows) or is not finite in float32.
    """
    where = "rnn_from_state_dict"
    own = {name.removeprefix(prefix) for name in tensors if name.startswith(prefix)}
    own = {name for name in own if "." not in name}
    ways = _WAYS[: 1 + any(name.endswith("_reverse") for name in own)]
    kinds = _ROLES[: 4 if any(name.startswith("bias") for name in own) else 2]
    depth = max(1, sum(f"weight_ih_l{k}" in own for k in range(len(own))))
    wanted = {f"{kind}_l{k}{way}" for kind in kinds for k in range(depth) for way in ways}
    if own != wanted:
        raise WeightsError(
            f"{where}: expected the names of an nn.RNN after the prefix {prefix!r}; missing: "
            f"{_listed(wanted - own)}; unknown: {_listed(own - wanted)}; came: "
            f"{_listed(tensors)}. Give the whole state dict, and the prefix, as in 'rnn.'"
        )

    def read(kind: str, k: int, *shape: int | str) -> list[Floats]:
        return [_tensor(where, f"{prefix}{kind}_l{k}{way}", tensors, *shape) for way in ways]

    half, layers = read("weight_hh", 0, "K", "K")[0].shape[1], []
    width = read("weight_ih", 0, "K", "D")[0].shape[1]
    for k in range(depth):
        recurrent = np.stack(read("weight_hh", k, half, half))
        weight = np.concatenate(read("weight_ih", k, half, width))
        biases = [np.concatenate(read(kind, k, half)) for kind in kinds[2:]]
        bias = biases[0] + biases[1] if biases else None
        layers.append(RNNLayer(weight, bias, recurrent if len(ways) == 2 else recurrent[0]))
        width = len(weight)
    return layers


def rnn_to_state_dict(layers: Sequence[RNNLayer], prefix: str = "") -> dict[str, Floats]:
    """Return the state dict that makes an nn.RNN these layers, the lowest first.

    weight_ih_l{k} = W_x, weight_hh_l{k} = W_h, bias_ih_l{k} = b and bias_hh_l{k} = 0, and
    the second half of a layer that runs both ways is weight_ih_l{k}_reverse and so on

    Without b there are no biases, as in nn.RNN(bias=False). Raises as rnn_from_state_dict.
    """
    where, tensors = "rnn_to_state_dict", {}
    for k, layer in enumerate(layers):
        half, ways = layer.weight.shape[-1], _WAYS if layer.direction == "both" else _WAYS[:1]
        square = (half, half) if len(ways) == 1 else (2, half, half)
        weight = checks.floats(where, f"layers[{k}].weight", layer.weight, square)
        for way, recurrent in zip(ways, weight.reshape(-1, half, half), strict=True):
            # The last way gets all rows that are left, so that too many are refused.
            rows = slice(half if way else 0, None if way == ways[-1] else half)
            parts = [layer.input_weight[rows], recurrent]
            if layer.bias is not None:
                parts += [layer.bias[rows], np.zeros(half, np.float32)]
            for kind, part in zip(_ROLES, parts, strict=False):
                name = f"{prefix}{kind}_l{k}{way}"
                tensors[name] = checks.floats(where, name, part, None).copy()
    rnn_from_state_dict(tensors, prefix)  # refuses what no nn.RNN could load
    return tensors


def embedding_from_state_dict(tensors: StateDict, prefix: str = "") -> Floats:
    """Return the table W_e = weight [V, D] of an nn.Embedding, for ops.embedding.

    Raises WeightsError where prefix + "weight" is missing; ShapeError, DtypeError or
    RangeError where it has another shape or numbers that are not finite in float32.
    """
    return _tensor("embedding_from_state_dict", f"{prefix}weight", tensors, "V", "D").copy()


def embedding_to_state_dict(table: ArrayLike, prefix: str = "") -> dict[str, Floats]:
    """Return the state dict, weight = W_e [V, D], that makes an nn.Embedding this table.

    Raises ShapeError or DtypeError where the table has the wrong form.
    """
    table = checks.floats("embedding_to_state_dict", "table", table, ("V", "D"))
    return {f"{prefix}weight": table.copy()}


def read_state_dict(path: str | Path) -> dict[str, NDArray[Any]]:
    """Return the tensors of a safetensors file by name, in the types it has.

    safetensors.torch.save_model writes tied weights once; here each name has them.

    Raises WeightsError where it is missing or damaged, or NumPy has no such type.
    """
    again = (
        "check the path, or write it again from PyTorch with "
        "safetensors.torch.save_model(module.float(), path)"
    )
    try:
        content = Path(path).read_bytes()
        if kind := kind_of(content):
            raise WeightsError(f"{path}: expected a safetensors file, but {kind}")
        tensors = dict(load(content))
        return {**tensors, **_tied(content, tensors)}
    except (OSError, SafetensorError, KeyError) as error:  # KeyError: bfloat16, float8
        raise WeightsError(
            f"{path}: expected a safetensors file of types that NumPy has, could not read it "
            f"({error}); {again}"
        ) from error


def _tied(content: bytes, tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The tensors that the file has under another name, which its header states for each."""
    named = header_of(content).get("__metadata__") or {}
    return {
        name: tensors[other]
        for name, other in named.items()
        if name not in tensors and other in tensors
    }


def write_state_dict(path: str | Path, tensors: StateDict) -> None:
    """Write the tensors to a safetensors file, whole or not at all.

    Raises DtypeError where one does not hold real numbers of at most 64 bits,
    and RangeError where the format does not allow a name.
    """
    for name in tensors:
        if not isinstance(name, str) or name == "__metadata__":
            raise RangeError(
                f"write_state_dict: names must be text, and not '__metadata__', got {name!r}"
            )
    arrays = {
        name: checks.as_array("write_state_dict", name, _of_host("write_state_dict", name, tensor))
        for name, tensor in tensors.items()
    }
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
            raise DtypeError(
                f"write_state_dict: {name} must hold numbers of at most 64 bits, got "
                f"{array.dtype}; convert it with numpy.asarray(array, dtype='float32')"
            )
    save(Weights(arrays, {}), Path(path))


def _tensor(where: str, name: str, tensors: StateDict, *shape: int | str) -> Floats:
    if name not in tensors:
        raise WeightsError(
            f"{where}: expected a tensor {name!r}, got {_listed(tensors)}; "
            "give the prefix of its module, as in 'embedding.'"
        )
    with np.errstate(over="ignore"):  # numbers beyond float32 are refused below
        array = checks.floats(where, name, _of_host(where, name, tensors[name]), shape)
    checks.finite(where, name, array)
    return array


def _of_host(where: str, name: str, tensor: ArrayLike) -> ArrayLike:
    checks.no_gradient(where, name, tensor)
    if on_gpu(tensor):
        raise DtypeError(
            f"{where}: {name} must be on the host, got one on a GPU; give module.cpu().state_dict()"
        )
    return tensor


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
