import numpy as np
from numba import njit, types

from salience.cpu.jit import F2, INT
from salience.cpu.prefetch import fetch_row
from salience.testing import random_floats

from .. import helpers


def ask(matrix, row):
    fetch_row(matrix, row)


@helpers.needs_kernels
def test_a_row_is_asked_for():
    compiled = njit(types.void(F2, INT))(ask)
    (code,) = compiled.inspect_llvm().values()
    assert "call void @llvm.prefetch" in code


def test_a_row_stays_as_it_is():
    matrix = random_floats(3, 33)
    before = matrix.copy()
    njit(types.void(F2, INT))(ask)(matrix, 2)
    np.testing.assert_array_equal(matrix, before)
