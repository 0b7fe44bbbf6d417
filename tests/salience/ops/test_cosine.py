import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import RangeError, ShapeError
from salience.ops import cosine_matrix, cosine_pairs, cosine_top_k, dot_matrix, euclidean_matrix
from salience.ops.cosine import reference
from salience.testing import random_floats

from .. import helpers
from . import promises

SIZES = [(0, 0), (0, 3), (3, 0), (1, 1), (2, 63), (65, 64), (4, 1000)]


def example(first, second=None, width=21):
    return {
        "a": random_floats(first, width),
        "b": random_floats(first if second is None else second, width, seed=1),
    }


@pytest.mark.parametrize("rows", [0, 1, 2, 63, 64, 65, 1000])
def test_pairs_agree_with_the_reference(rows):
    promises.assert_agrees(cosine_pairs, reference.pairs, example(rows))


@pytest.mark.parametrize(("first", "second"), SIZES)
def test_the_matrix_agrees_with_the_reference(first, second):
    promises.assert_agrees(cosine_matrix, reference.matrix, example(first, second))


@given(first=st.integers(0, 20), second=st.integers(0, 20), width=st.integers(0, 40))
def test_agrees_whatever_the_shape(first, second, width):
    promises.assert_agrees(cosine_pairs, reference.pairs, example(first, width=width))
    promises.assert_agrees(cosine_matrix, reference.matrix, example(first, second, width))


# 1e-25 squared is 0 in float32, and 1e25 squared is infinite; below 1e-38
# float32 has no inverse.
SCALES = (1e-40, 1e-25, 1e-3, 1, 1e4, 1e25, 3e37)


@pytest.mark.parametrize("scale", SCALES)
def test_a_row_is_exactly_as_its_equal(scale):
    a = random_floats(500, 21, scale=scale)
    assert (cosine_pairs(a, a.copy()) == 1).all()
    assert (np.diag(cosine_matrix(a, a)) == 1).all()
    assert (np.diag(cosine_matrix(a[:70], a[:70].copy())) == 1).all()


@pytest.mark.parametrize("scale", SCALES)
def test_pairs_are_the_matrix_s_diagonal_at_any_scale(scale):
    a, b = random_floats(20, 21, scale=scale), random_floats(20, 21, seed=1)
    pairs = cosine_pairs(a, b)
    np.testing.assert_allclose(pairs, np.diag(cosine_matrix(a, b)), rtol=1e-5, atol=1e-6)
    assert (np.abs(pairs) > 0).all()


def test_a_row_of_zeros_scores_0():
    zeros, row = np.zeros((1, 4), np.float32), np.ones((1, 4), np.float32)
    for a, b in [(zeros, row), (row, zeros), (zeros, zeros)]:
        assert cosine_pairs(a, b) == 0
        assert cosine_matrix(a, b) == 0
        assert cosine_top_k(a, b, 1)[1] == 0


@pytest.mark.parametrize("width", [300, 3000])
def test_equal_rows_score_1_however_wide_they_are(width):
    a = np.linspace(0.1, 0.9, 7 * width, dtype=np.float32).reshape(7, width)
    assert (np.diag(cosine_matrix(a, a.copy())) == 1).all()
    assert (cosine_top_k(a, a.copy(), 1)[1] == 1).all()


def test_no_score_leaves_minus_1_to_1():
    a = random_floats(5000, 21)
    for factor in (np.float32(3), np.float32(-0.7)):
        assert np.abs(cosine_pairs(a, factor * a)).max() <= 1
        assert np.abs(cosine_matrix(a[:50], factor * a[:50])).max() <= 1


@helpers.needs_kernels
def test_a_row_alone_has_the_bits_it_has_among_others():
    a, b = example(66, 70).values()
    pairs, matrix = cosine_pairs(a, b[:66]), cosine_matrix(a, b)
    for i in range(66):
        assert helpers.same_bits(cosine_pairs(a[i : i + 1], b[i : i + 1])[0], pairs[i])
        assert helpers.same_bits(cosine_matrix(a[i : i + 1], b)[0], matrix[i])
        assert helpers.same_bits(cosine_matrix(a, b[i : i + 1])[:, 0], matrix[:, i])


@helpers.needs_kernels
@pytest.mark.parametrize("rows", [1, 63, 129, 300])
@pytest.mark.parametrize("op", [cosine_matrix, dot_matrix, euclidean_matrix])
def test_a_matrix_of_rows_with_themselves_has_the_bits_of_any_other(op, rows):
    a = random_floats(rows, 21)
    assert helpers.same_bits(op(a, a), op(a, a.copy()))


@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(form):
    promises.assert_takes_any_form(cosine_pairs, form, example(11))
    promises.assert_takes_any_form(cosine_matrix, form, example(11, 7))
    promises.assert_takes_any_form(cosine_top_k, form, example(11, 7), k=3)


def test_writes_everything():
    promises.assert_writes_everything(cosine_pairs, example(11))
    promises.assert_writes_everything(cosine_matrix, example(11, 7))
    promises.assert_writes_everything(cosine_top_k, example(11, 7), k=3)


def test_refuses_bad_arrays():
    promises.assert_refuses_bad_arrays(cosine_pairs, example(3))
    promises.assert_refuses_bad_arrays(cosine_matrix, example(3, 2))
    promises.assert_refuses_bad_arrays(cosine_top_k, example(3, 2), k=1)


@pytest.mark.parametrize("op", [cosine_matrix, lambda a, b: cosine_top_k(a, b, 1)])
def test_refuses_rows_of_another_width(op):
    with pytest.raises(ShapeError, match=r"^cosine_\w+: b must .* \[B, 3\], got \[2, 4\]"):
        op(random_floats(2, 3), random_floats(2, 4))


def test_refuses_pairs_of_another_number():
    with pytest.raises(ShapeError, match=r"^cosine_pairs: b must .* \[2, 3\], got \[1, 3\]"):
        cosine_pairs(random_floats(2, 3), random_floats(1, 3))


@pytest.mark.parametrize("k", [0, -1, 1.0, None])
def test_top_k_refuses_a_k_below_1(k):
    with pytest.raises(RangeError, match=f"^cosine_top_k: k must be a whole number >= 1, got {k}"):
        cosine_top_k(random_floats(2, 3), random_floats(2, 3), k)


def test_a_row_that_is_no_number_has_no_cosine():
    rows = np.array([[np.nan, 1], [1, 1]], dtype=np.float32)
    np.testing.assert_array_equal(np.isnan(cosine_pairs(rows, np.ones_like(rows))), [True, False])
