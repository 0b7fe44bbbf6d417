"""Arrays and tables of other libraries as NumPy arrays, without importing these libraries.

They are recognised by their methods: pandas, polars, pyarrow, PyTorch and JAX have
`__array__`, CuPy and PyTorch on a GPU have `__cuda_array_interface__`.
"""

from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salience import checks
from salience.errors import DtypeError, RangeError, ShapeError
from salience.types import on_gpu

_WANTED = "expected a vector [D] of floating-point numbers, got"
_ADVICE = "give each as a list or an array of numbers, numpy.asarray(vector, dtype='float32')"

_OFFERS = ("__array__", "__array_interface__", "to_numpy", "__dlpack__")


def plain(where: str, name: str, item: Any) -> Any:
    """Return an array or a table of any library as a NumPy array, and all else as it is.

    An array on a GPU is copied to the host, and a tensor is detached from its gradients. A
    table of one column of vectors or Docs becomes that column.

    Raises RangeError where a number is masked, and ShapeError or DtypeError where
    the library cannot convert it.
    """
    if isinstance(item, np.ma.MaskedArray):
        _check_masks(where, name, item)
    if type(item) is not np.ndarray and _is_array(item):
        with_gradient = getattr(item, "requires_grad", False) is True
        # NumPy refuses a tensor that requires gradients.
        item = checks.as_array(where, name, item.detach() if with_gradient else item)
    one_column = isinstance(item, np.ndarray) and item.ndim == 2 and item.shape[1] == 1
    if one_column and item.dtype.kind == "O" and not _is_number(item.flat[0] if len(item) else 0):
        return item.reshape(-1)
    return item


def is_vector(item: Any) -> bool:
    """Say whether an item that `plain` returned is one vector of numbers."""
    if isinstance(item, np.ndarray) and item.dtype.kind != "O":
        return item.ndim == 1
    flat = isinstance(item, (list, tuple)) or (isinstance(item, np.ndarray) and item.ndim == 1)
    return flat and len(item) > 0 and _is_number(item[0])


def row_of(item: Any) -> NDArray[Any]:
    """Return one vector [D] of any library, or a list of numbers, as a NumPy array.

    Raises ShapeError or DtypeError where it is no vector; the caller adds which item it is.
    """
    item = plain("a vector", "it", item)
    if isinstance(item, np.ndarray) and item.dtype.kind == "O" and item.ndim == 1:
        item = item.tolist()  # so that NumPy finds the dtype of its items
    if not isinstance(item, (list, tuple, np.ndarray)):
        raise ShapeError(f"{_WANTED} {_kind(item)}; {_ADVICE}")
    if isinstance(item, (list, tuple)) and len(item) and not _is_number(item[0]):
        raise ShapeError(f"{_WANTED} {_kind(item)} of {_kind(item[0])}; {_ADVICE}")
    row = checks.as_array("a vector", "it", item)
    if row.ndim != 1:
        raise ShapeError(f"{_WANTED} the shape {list(row.shape)}; {_ADVICE}")
    if row.dtype.kind not in "fiub":
        raise DtypeError(f"{_WANTED} {row.dtype}; {_ADVICE}")
    return row


def _is_array(item: Any) -> bool:
    """Say whether this is an array, a table or a buffer, and no list or number."""
    if isinstance(item, np.generic):
        return False
    offered = any(hasattr(type(item), offer) for offer in _OFFERS)
    return offered or isinstance(item, (memoryview, array)) or on_gpu(item)


def _check_masks(where: str, name: str, item: np.ma.MaskedArray[Any, Any]) -> None:
    if np.ma.is_masked(item):
        raise RangeError(
            f"{where}: {name} has masked numbers, of which there is no similarity; leave their "
            "rows out, or fill them: array.filled(0)"
        )


def _is_number(item: Any) -> bool:
    # Iterating a tensor gives numbers of the library's own type, whose shape is ().
    return isinstance(item, (int, float, complex, np.generic)) or getattr(item, "shape", None) == ()


def _kind(item: Any) -> str:
    return type(item).__name__
