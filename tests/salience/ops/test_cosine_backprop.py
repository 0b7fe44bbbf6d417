import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import ShapeError
from salience.ops import backprop_cosine_matrix, backprop_cosine_pairs, cosine_matrix, cosine_pairs
from salience.ops.cosine import reference
from salience.testing import random_floats

from .. import helpers
from . import gradients, promises

SIZES = [(0, 0), (0, 3), (3, 0), (1, 1), (2, 63), (65, 64), (4, 1000), (513, 257)]
if helpers.numba.config.DISABLE_JIT:
    SIZES.pop()
both = pytest.mark.parametrize("kind", ["pairs", "matrix"])
OPS = {"pairs": backprop_cosine_pairs, "matrix": backprop_cosine_matrix}
FORWARD = {"pairs": reference.pairs, "matrix": reference.matrix}
BACKPROP = {"pairs": reference.backprop_pairs, "matrix": reference.backprop_matrix}


def pairs_example(rows, width=21):
    d_scores = random_floats(rows, seed=2)
    return {"d_scores": d_scores, "a": random_floats(rows, width), "b": floats_b(rows, width)}


def matrix_example(first, second, width=21):
    d_scores = random_floats(first, second, seed=2)
    return {"d_scores": d_scores, "a": random_floats(first, width), "b": floats_b(second, width)}


def floats_b(rows, width):
    return random_floats(rows, width, seed=1)


def example(kind, rows=7, width=21):
    return pairs_example(rows, width) if kind == "pairs" else matrix_example(rows, rows, width)


def agree(kind, arguments, tolerance=3e-5):
    promises.assert_agrees(OPS[kind], BACKPROP[kind], arguments, tolerance=tolerance)


@pytest.mark.parametrize("rows", [0, 1, 2, 63, 64, 65, 1025])
def test_pairs_agree_with_the_reference(rows):
    agree("pairs", pairs_example(rows))


@pytest.mark.parametrize(("first", "second"), SIZES)
def test_the_matrix_agrees_with_the_reference(first, second):
    agree("matrix", matrix_example(first, second))


# A row of one or two numbers may lie so close to 0 that its gradient is large.
@given(first=st.integers(0, 20), second=st.integers(0, 20), width=st.integers(0, 40))
def test_agrees_whatever_the_shape(first, second, width):
    agree("pairs", pairs_example(first, width), tolerance=2e-4)
    agree("matrix", matrix_example(first, second, width), tolerance=2e-4)


@helpers.runs_no_kernel
@both
@pytest.mark.parametrize("rows", [0, 1, 9])
def test_gradients_are_finite_differences(kind, rows):
    arguments = promises.in_float64(example(kind, rows))
    d_scores = arguments.pop("d_scores")

    def loss(a, b):
        return (FORWARD[kind](a, b) * d_scores).sum()

    found = BACKPROP[kind](d_scores, **arguments)
    gradients.assert_gradients(loss, arguments, dict(zip("ab", found, strict=True)))


@both
@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_at_a_right_angle_by_hand(kind, device):
    d_scores = np.float32([6]) if kind == "pairs" else np.float32([[6]])
    d_a, d_b = OPS[kind](d_scores, np.float32([[2, 0]]), np.float32([[0, 3]]), device=device)
    np.testing.assert_allclose(d_a, [[0, 3]], rtol=1e-6)  # 6 b / (|a| |b|)
    np.testing.assert_allclose(d_b, [[2, 0]], rtol=1e-6)


def test_the_matrix_s_diagonal_is_that_of_pairs():
    arguments = pairs_example(20)
    diagonal = {**arguments, "d_scores": np.diag(arguments["d_scores"])}
    got = backprop_cosine_matrix(**diagonal)
    for a, b in zip(got, backprop_cosine_pairs(**arguments), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@both
@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_a_row_of_zeros_has_and_gives_no_gradient(kind, device):
    arguments = example(kind, rows=4)
    arguments["a"][1] = arguments["b"][2] = 0
    d_a, d_b = OPS[kind](**arguments, device=device)
    assert not d_a[1].any()
    assert not d_b[2].any()
    assert d_a[0].any()
    assert d_b[0].any()
    if kind == "pairs":  # its partner's score is 0 whichever way the partner turns
        assert not d_b[1].any()
        assert not d_a[2].any()


@both
def test_a_gradient_is_across_its_row(kind):
    arguments = example(kind, rows=30)
    for gradient, name in zip(OPS[kind](**arguments), "ab", strict=True):
        np.testing.assert_allclose((gradient * arguments[name]).sum(axis=1), 0, atol=1e-5)


@both
@pytest.mark.parametrize("factor", [1, -0.7])
def test_equal_or_opposite_rows_have_no_gradient(kind, factor):
    arguments = example(kind, rows=1)
    arguments["b"] = np.float32(factor) * arguments["a"]
    for gradient in OPS[kind](**arguments):
        np.testing.assert_allclose(gradient, 0, atol=1e-6)


# Wherever the true gradient, which goes with 1 / |row|, fits in float32.
@both
@pytest.mark.parametrize("size_b", [1e-45, 1e-37, 1, 1e30])
@pytest.mark.parametrize("size_a", [1e-37, 1, 1e30])
def test_rows_of_any_size_have_the_reference_s_gradient(kind, size_a, size_b):
    arguments = example(kind)
    arguments["a"] = np.float32(size_a) * np.sign(arguments["a"])
    arguments["b"] = np.float32(size_b) * np.sign(arguments["b"])
    if size_b < 1e-38:
        arguments["d_scores"] *= np.float32(1e-20)
    forward = {"pairs": cosine_pairs, "matrix": cosine_matrix}[kind]
    assert np.isfinite(forward(arguments["a"], arguments["b"])).all()
    want = BACKPROP[kind](**promises.in_float64(arguments))
    for a, b in zip(OPS[kind](**arguments), want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=max(1e-5 * np.abs(b).max(), 2e-45))


@helpers.needs_kernels
def test_a_row_alone_has_the_bits_it_has_among_others():
    pairs, matrix = pairs_example(66), matrix_example(66, 70)
    whole_pairs, (whole_a, whole_b) = (
        backprop_cosine_pairs(**pairs),
        backprop_cosine_matrix(**matrix),
    )
    for i in range(66):
        own = slice(i, i + 1)
        alone = {name: value[own] for name, value in pairs.items()}
        assert helpers.same_bits(
            backprop_cosine_pairs(**alone), (whole_pairs[0][own], whole_pairs[1][own])
        )
        d_scores, a, b = matrix["d_scores"], matrix["a"], matrix["b"]
        assert helpers.same_bits(backprop_cosine_matrix(d_scores[own], a[own], b)[0], whole_a[own])
        d_b = backprop_cosine_matrix(np.ascontiguousarray(d_scores[:, own]), a, b[own])[1]
        assert helpers.same_bits(d_b, whole_b[own])


@both
@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(kind, form):
    promises.assert_takes_any_form(OPS[kind], form, example(kind))


@both
def test_writes_everything(kind):
    promises.assert_writes_everything(OPS[kind], example(kind))


@both
def test_refuses_bad_arrays(kind):
    promises.assert_refuses_bad_arrays(OPS[kind], example(kind, rows=3))


@pytest.mark.parametrize(
    ("kind", "name", "shape", "text"),
    [
        ("pairs", "b", (6, 21), r"b must .* \[7, 21\], got \[6, 21\]"),
        ("pairs", "d_scores", (6,), r"d_scores must .* \[7\], got \[6\]"),
        ("matrix", "b", (7, 20), r"b must .* \[B, 21\], got \[7, 20\]"),
        ("matrix", "d_scores", (7, 6), r"d_scores must .* \[7, 7\], got \[7, 6\]"),
    ],
)
def test_refuses_what_does_not_fit(kind, name, shape, text):
    with pytest.raises(ShapeError, match=f"^backprop_cosine_{kind}: {text}"):
        OPS[kind](**{**example(kind), name: random_floats(*shape)})
