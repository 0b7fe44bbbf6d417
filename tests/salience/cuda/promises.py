"""What every op promises of the GPU, in the same words as ops/promises.py has it of the CPU."""

import numpy as np
from numba import cuda

from ..helpers import parts
from ..ops.promises import in_float64


def there(arguments):
    """The arguments with their arrays on the GPU, as numba's; starts stay on the host."""
    return {
        name: cuda.to_device(value) if isinstance(value, np.ndarray) and name != "starts" else value
        for name, value in arguments.items()
    }


def here(results):
    """Results as NumPy's arrays; those on the GPU are copied."""
    return tuple(
        result.copy_to_host() if hasattr(result, "copy_to_host") else result
        for result in parts(results)
    )


def assert_agrees(op, reference, arguments, defaults=(), tolerance=1e-5, **named):
    """The op equals its reference in float64, from either side, with the same bits again."""
    want = parts(reference(**{**dict(defaults), **in_float64(arguments), **named}))
    got = op(**arguments, **named, device="cuda")
    assert all(isinstance(part, np.ndarray) or part is None for part in parts(got))
    stayed = parts(op(**there(arguments), **named))
    assert all(hasattr(part, "copy_to_host") or part is None for part in stayed)
    for a, b, c in zip(parts(got), want, here(stayed), strict=True):
        if b is None:
            assert a is None
            assert c is None
            continue
        assert a.dtype == (np.float32 if b.dtype.kind == "f" else np.int64)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)
        np.testing.assert_array_equal(c, a)
