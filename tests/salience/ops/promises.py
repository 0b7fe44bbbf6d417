"""What the ops promise in the same words.

An op is called by its arguments' names, and its reference takes the same
names, so one dictionary serves both.
"""

import numpy as np
import pytest

import salience
from salience.errors import DtypeError, RangeError, ShapeError

from ..helpers import nan_filled_empty, parts, same_bits


def is_floats(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def in_float64(arguments):
    return {
        name: value.astype(np.float64) if is_floats(value) else value
        for name, value in arguments.items()
    }


def assert_agrees(op, reference, arguments, defaults=(), tolerance=1e-5, **named):
    """The op equals its reference, which runs in float64 and takes every argument."""
    want = reference(**{**dict(defaults), **in_float64(arguments), **named})
    for device in ("cpu", "reference"):
        got = op(**arguments, **named, device=device)
        for a, b in zip(parts(got), parts(want), strict=True):
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def read_only(array):
    array = array.copy()
    array.setflags(write=False)
    return array


def strided(array):
    """The same numbers, every second one of an array twice as wide."""
    big = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), dtype=array.dtype)
    big[..., ::2] = array
    return big[..., ::2]


def wider(array):
    return array.astype(np.float64) if is_floats(array) else array


def narrower(array):
    return array.astype(np.float16 if is_floats(array) else np.int32)


def backwards(array):
    """The same numbers, stored from the last to the first and in Fortran's order."""
    return np.asfortranarray(array[::-1])[::-1]


FORMS = [read_only, strided, wider, narrower, backwards]


def assert_takes_any_form(op, form, arguments, **named):
    """The form an array comes in changes neither the bits nor the array."""
    formed = {name: form(value) for name, value in arguments.items()}
    plain = {
        name: np.array(value, dtype=np.float32 if is_floats(value) else np.int64, order="C")
        for name, value in formed.items()
    }
    before = {name: value.copy() for name, value in formed.items()}
    assert same_bits(op(**formed, **named), op(**plain, **named))
    for name, value in formed.items():
        np.testing.assert_array_equal(value, before[name])


def assert_writes_everything(op, arguments, **named):
    """No result keeps what was in memory before it."""
    want = op(**arguments, **named)
    with nan_filled_empty():
        got = op(**arguments, **named)
    assert same_bits(got, want)


def assert_same_on_any_number_of_threads(op, arguments, **named):
    """Every result has the same bits on one thread and on several; for use with fresh_threads."""
    results = []
    for count in (1, 2, 5):
        salience.set_num_threads(count)
        results.append(op(**arguments, **named))
    assert same_bits(results[1], results[0])
    assert same_bits(results[2], results[0])


def assert_refuses_bad_arrays(op, arguments, **named):
    """Every array of another kind or shape is refused by the op's and its own name."""
    for name, value in arguments.items():
        where = f"^{op.__name__}: {name} must"
        wrong_kind = value.astype(int) if is_floats(value) else value.astype(np.float32)
        with pytest.raises(DtypeError, match=f"{where} hold .* numbers, got {wrong_kind.dtype}"):
            op(**{**arguments, name: wrong_kind}, **named)
        with pytest.raises(ShapeError, match=rf"{where} have the shape \[.*\], got \[1, "):
            op(**{**arguments, name: value[None]}, **named)
    with pytest.raises(RangeError, match="device must be one of cpu, cuda, reference; got 'gpu'"):
        op(**arguments, **named, device="gpu")
