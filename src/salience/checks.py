"""Checks of arguments: each check, and its message, is written once.

A kernel trusts its arrays: an index out of range silently reads other memory. So
public functions pass all arguments through here first, and give the kernels what
is returned: contiguous float32 or int64 of the shape they expect.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import DtypeError, RangeError, ShapeError
from .types import Floats, Ints, Metric, on_gpu


def floats(where: str, name: str, array: ArrayLike, shape: tuple[int | str, ...] | None) -> Floats:
    """Return the array as contiguous float32, of any shape where `shape` is None.

    A letter in `shape` stands for any length.
    """
    given = _seen(where, name, array)
    if given.dtype.kind != "f":
        raise DtypeError(
            f"{where}: {name} must hold floating-point numbers, got {given.dtype}; "
            f"convert it with numpy.asarray({name}, dtype='float32')"
        )
    if shape is not None:
        has_shape(where, name, given.shape, shape)
    if on_gpu(array):
        left: Floats = _as_it_is(where, name, array, given, "float32")
        return left
    # Not ascontiguousarray, which would add an axis to a scalar.
    return np.asarray(given, dtype=np.float32, order="C")


def floats_or_zeros(
    where: str, name: str, array: ArrayLike | None, shape: tuple[int, ...], beside: Floats
) -> Floats:
    """Return the array as floats does; where it is None, zeros on the device of `beside`."""
    return zeros(shape, beside) if array is None else floats(where, name, array, shape)


def zeros(shape: tuple[int, ...], beside: Floats) -> Floats:
    """Return zeros on the device of another array."""
    if not on_gpu(beside):
        return np.zeros(shape, np.float32)
    from .cuda import given

    made: Floats = given.zeros_beside(beside, shape)
    return made


def ints(where: str, name: str, array: ArrayLike, shape: tuple[int | str, ...] = ("N",)) -> Ints:
    """Return the array as contiguous int64 of this shape."""
    given = _seen(where, name, array)
    if given.size == 0 and given.dtype.kind == "f" and not on_gpu(array):
        given = given.astype(np.int64)  # numpy.asarray([]) is float64
    if given.dtype.kind not in "iu":
        raise DtypeError(
            f"{where}: {name} must hold whole numbers, got {given.dtype}; "
            f"convert it with numpy.asarray({name}, dtype='int64')"
        )
    has_shape(where, name, given.shape, shape)
    if on_gpu(array):
        left: Ints = _as_it_is(where, name, array, given, "int64")
        return left
    return np.ascontiguousarray(given, dtype=np.int64)


def starts(where: str, name: str, array: ArrayLike, rows: int) -> Ints:
    """Return offsets that rise from 0 to the number of rows, as int64, on the host.

    Offsets on a GPU are copied to the host, where launches are planned.
    """
    offsets = ints(where, name, array, ("B + 1",))
    if on_gpu(offsets):
        from .cuda import given

        offsets = given.host_copy(offsets)
    return _rising(where, name, offsets, rows)


def bag_starts(where: str, name: str, array: ArrayLike, rows: int) -> Ints:
    """Return offsets as starts does, but on their own device: one a token is too many to copy."""
    offsets = ints(where, name, array, ("N + 1",))
    if not on_gpu(offsets):
        return _rising(where, name, offsets, rows)
    from .cuda import given

    if not given.rises(offsets, rows):
        raise RangeError(
            f"{where}: {name} must begin with 0, never fall and end with the number of rows, "
            f"{rows}; for N owners of n rows each it is the running sum of n after a 0"
        )
    return offsets


def _rising(where: str, name: str, given: Ints, rows: int) -> Ints:
    if len(given) == 0 or given[0] != 0 or given[-1] != rows:
        ends = "nothing" if len(given) == 0 else f"{given[0]} and {given[-1]}"
        raise RangeError(
            f"{where}: {name} must begin with 0 and end with the number of rows, {rows}; "
            f"got {ends}. For B owners of n rows each it is the running sum of n after a 0"
        )
    falls = np.flatnonzero(given[1:] < given[:-1])
    if len(falls):
        raise RangeError(
            f"{where}: {name} must never fall, but {name}[{falls[0]}] = {given[falls[0]]} and "
            f"{name}[{falls[0] + 1}] = {given[falls[0] + 1]}; an empty owner repeats its start"
        )
    return given


def none_empty(where: str, name: str, offsets: Ints) -> None:
    """Refuse offsets of which two neighbours are the same: an owner without rows."""
    empty = np.flatnonzero(offsets[1:] == offsets[:-1])
    if len(empty):
        raise RangeError(
            f"{where}: each of {name} must have a row, but number {empty[0]} has none; "
            "the row of a token that nothing is known of is 0"
        )


def indices(where: str, name: str, array: ArrayLike, rows: int) -> Ints:
    """Return indices of existing rows, as int64."""
    given = ints(where, name, array)
    if on_gpu(given):
        least, most = _ends(given)
        if len(given) and (least < 0 or most >= rows):
            raise RangeError(
                f"{where}: {name} must lie in 0..{rows - 1}, got {least}..{most}; map unknown "
                "items to a row of the table first"
            )
        return given
    if len(given) and (given.min() < 0 or given.max() >= rows):
        bad = int(np.flatnonzero((given < 0) | (given >= rows))[0])
        raise RangeError(
            f"{where}: {name} must lie in 0..{rows - 1}, got {name}[{bad}] = {given[bad]}; "
            "map unknown items to a row of the table first"
        )
    return given


def rows_of(where: str, rows: Any, length: int) -> tuple[int, int]:
    """Return the first token and one past the last of `rows`; of the whole document where None."""
    if rows is None:
        return 0, length
    pair = isinstance(rows, (tuple, list)) and len(rows) == 2
    if not pair or not all(isinstance(row, (int, np.integer)) for row in rows):
        raise RangeError(f"{where}: rows must be a first and a last token, got {rows!r}")
    first, last = int(rows[0]), int(rows[1])
    if not 0 <= first <= last <= length:
        raise RangeError(
            f"{where}: rows must lie within the document's {length} tokens, got {first}..{last}"
        )
    return first, last


def finite(where: str, name: str, array: Floats) -> None:
    """Refuse NaN and infinity."""
    # Not np.isfinite(array), which would allocate an array of the same size.
    if len(array) and not np.isfinite(_ends(array)).all():
        raise RangeError(f"{where}: {name} holds numbers that are not finite (NaN or infinity)")


def comparable(where: str, name: str, vectors: Floats, metric: Metric) -> None:
    """Refuse vectors [N, D] whose scores might not be finite.

    (|a| + |b|)^2 is an upper bound of a'b, |a - b|^2 and all intermediate sums.
    """
    finite(where, name, vectors)
    if metric == "cosine" or 0 in vectors.shape:
        return
    least, most_found = _ends(vectors)
    largest = max(-least, most_found)
    most = np.sqrt(float(np.finfo(np.float32).max) / (4 * vectors.shape[1]))
    if largest > most:
        raise RangeError(
            f"{where}: {name} must hold numbers within {most:.3g}, got {largest:.3g}: a score of "
            f"{vectors.shape[1]} of them might exceed float32; scale them, or compare cosines"
        )


def between(where: str, name: str, value: object, least: float, most: float) -> float:
    """Return a number from least to most, both included."""
    real = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    number = float(value) if real else np.nan  # type: ignore[arg-type]
    if not least <= number <= most:
        raise RangeError(f"{where}: {name} must be a number from {least} to {most}, got {value!r}")
    return number


def at_least(where: str, name: str, value: object, least: int) -> int:
    """Return a whole number of at least this as Python's int, which cannot overflow."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise RangeError(f"{where}: {name} must be a whole number >= {least}, got {value!r}")
    return int(value)


def recurrence(
    where: str, name: str, array: ArrayLike, starts_: ArrayLike, initial: ArrayLike | None,
    direction: str,
) -> tuple[Floats, Ints, Floats]:  # fmt: skip
    """Return what all recurrences take: an array [N, H], starts and initial [B, H]."""
    rows = floats(where, name, array, ("N", "H"))
    offsets = starts(where, "starts", starts_, len(rows))
    one_of(where, "direction", direction, ("forward", "backward", "both"))
    if direction == "both":
        even(where, "the number of states, with direction='both',", rows.shape[1])
    shape = (len(offsets) - 1, rows.shape[1])
    return rows, offsets, floats_or_zeros(where, "initial", initial, shape, rows)


def even(where: str, name: str, value: int) -> None:
    """Refuse an odd number."""
    if value % 2:
        raise ShapeError(f"{where}: {name} must be even, got {value}")


def multiple(where: str, name: str, value: int, of: str, unit: int) -> None:
    """Refuse a length that is not a multiple of `unit`."""
    if unit < 1 or value % unit:
        raise ShapeError(f"{where}: {name} must be a multiple of {of}; got {value} for {unit} {of}")


def one_of(where: str, name: str, value: object, choices: tuple[object, ...]) -> None:
    """Refuse a value that is none of the choices."""
    if value not in choices:
        raise RangeError(
            f"{where}: {name} must be one of {', '.join(map(str, choices))}; got {value!r}"
        )


def as_array(where: str, name: str, array: ArrayLike) -> NDArray[Any]:
    """Return an array or a table of any library as NumPy's array; one on a GPU is copied.

    Raises ShapeError or DtypeError where NumPy cannot read it.
    """
    if on_gpu(array):
        from .cuda import given

        copied: NDArray[Any] = given.host_copy(array)
        return copied
    try:
        return _read(array)
    except ValueError as error:
        raise ShapeError(
            f"{where}: {name} must be an array with rows of one length, could not read it ({error})"
        ) from error
    except (TypeError, RuntimeError, BufferError) as error:  # PyTorch's, of gradients and bfloat16
        kind = type(array)
        raise DtypeError(
            f"{where}: {name} must be an array that NumPy can read, got {kind.__module__}."
            f"{kind.__name__} ({error}); for one of PyTorch's give tensor.detach().float().cpu()"
        ) from error


def _read(array: Any) -> NDArray[Any]:
    offers = type(array)
    if not any(hasattr(offers, name) for name in ("__array__", "__array_interface__")):
        if hasattr(offers, "to_numpy"):
            return np.asarray(array.to_numpy())
        if hasattr(offers, "__dlpack__"):
            return np.from_dlpack(array)
    return np.asarray(array)


def no_gradient(where: str, name: str, array: object) -> None:
    """Refuse a tensor of PyTorch that requires a gradient."""
    if getattr(array, "requires_grad", False):
        raise DtypeError(
            f"{where}: {name} must be numbers alone, got a {type(array).__name__} with "
            f"requires_grad=True, whose gradient would be lost; give {name}.detach()"
        )


def _seen(where: str, name: str, array: ArrayLike) -> Any:
    """Return the array as NumPy's, or as numba's view of one on the GPU."""
    no_gradient(where, name, array)
    if not on_gpu(array):
        return as_array(where, name, array)
    from .cuda import given

    return given.view_here(where, name, array)


def _as_it_is(where: str, name: str, array: Any, seen: Any, dtype: str) -> Any:
    """Return an array on the GPU as it is: nothing is converted there silently."""
    if seen.dtype != np.dtype(dtype):
        raise DtypeError(
            f"{where}: {name} must be {dtype} on the GPU, got {seen.dtype}; convert it there first"
        )
    if not seen.is_c_contiguous():
        raise ShapeError(
            f"{where}: {name} must be C-contiguous on the GPU, got the strides "
            f"{list(seen.strides)}; copy it there first"
        )
    return array


def _ends(array: Any) -> tuple[float, float]:
    """Return the least and the greatest number; both are NaN where any number is."""
    if not on_gpu(array):
        return (array.min(), array.max()) if array.size else (0, 0)
    from .cuda import given

    return given.ends(array)


def has_shape(
    where: str, name: str, given: tuple[int, ...], expected: tuple[int | str, ...]
) -> None:
    """Refuse another shape than expected, in which a letter stands for any length."""
    fits = len(given) == len(expected) and all(
        isinstance(want, str) or want == have for have, want in zip(given, expected, strict=True)
    )
    if not fits:
        wanted = ", ".join(str(want) for want in expected)
        came = ", ".join(str(have) for have in given)
        raise ShapeError(f"{where}: {name} must have the shape [{wanted}], got [{came}]")
