"""What the layers' tests rely on of CuPy, and of what stands in for it."""

import numpy as np
import pytest

from salience.ops import linear_recurrence
from salience.testing import random_floats


@pytest.mark.parametrize(
    "mix",
    [
        lambda there, here: there + here,
        lambda there, here: here * there,
        lambda there, here: there.__iadd__(here),
        lambda there, here: np.asarray(there),
        lambda there, here: np.array([there]),
    ],
)
def test_arrays_of_a_gpu_do_not_mix_with_numpy_s(gpu_ops, mix):
    here = random_floats(3)
    with pytest.raises(TypeError, match=r"Unsupported type|Implicit conversion"):
        mix(gpu_ops.asarray(here), here)


def test_arithmetic_of_its_kind_gives_its_kind(gpu_ops):
    there = gpu_ops.asarray(random_floats(3, 2))
    for result in (there + there, 1 - there, there * np.float32(2), there[1:], there.sum()):
        assert isinstance(result, gpu_ops.xp.ndarray)
        assert result.dtype == np.float32


def test_an_op_takes_them_and_gives_them(gpu_ops):
    inputs, decay, starts = random_floats(5, 4), np.full(4, 0.5, np.float32), np.array([0, 2, 5])
    states, final = linear_recurrence(gpu_ops.asarray(inputs), gpu_ops.asarray(decay), starts)
    assert isinstance(states, gpu_ops.xp.ndarray)
    assert isinstance(final, gpu_ops.xp.ndarray)
    want, _ = linear_recurrence(inputs, decay, starts)
    np.testing.assert_allclose(gpu_ops.to_numpy(states), want, rtol=1e-6)
