import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import ShapeError
from salience.ops import backprop_layer_norm, layer_norm
from salience.ops.layer_norm import cpu, reference
from salience.testing import random_floats

from .. import helpers
from . import gradients, promises


def example(rows, width=13):
    return {
        "x": random_floats(rows, width),
        "gain": random_floats(width, seed=1),
        "bias": random_floats(width, seed=2),
    }


def backprop_example(rows, width=13):
    arguments = example(rows, width)
    del arguments["bias"]
    return {"d_y": random_floats(rows, width, seed=3), **arguments}


PAIRS = {
    "forward": (layer_norm, reference.forward, example),
    "backprop": (backprop_layer_norm, reference.backprop, backprop_example),
}
each = pytest.mark.parametrize(("op", "of", "arguments"), PAIRS.values(), ids=PAIRS)
both_devices = pytest.mark.parametrize("device", ["cpu", "reference"])


@each
@pytest.mark.parametrize("rows", [0, 1, 2, 63, 64, 65, 1000])
def test_agrees_with_the_reference(op, of, arguments, rows):
    promises.assert_agrees(op, of, arguments(rows), tolerance=2e-5)


@each
@given(rows=st.integers(0, 40), width=st.integers(0, 70))
def test_agrees_whatever_the_shape(op, of, arguments, rows, width):
    promises.assert_agrees(op, of, arguments(rows, width), tolerance=2e-5)


@pytest.mark.parametrize("rows", [0, 1, 9])
def test_gradients_are_finite_differences(rows):
    arguments = promises.in_float64(example(rows))
    d_y = random_floats(rows, 13, seed=3)

    def loss(**arguments):
        return (reference.forward(**arguments) * d_y).sum()

    found = reference.backprop(d_y, arguments["x"], arguments["gain"])
    gradients.assert_gradients(loss, arguments, dict(zip(arguments, found, strict=True)))


@both_devices
def test_one_row_by_hand(device):
    x, gain, bias = np.float32([[1, 5]]), np.float32([2, 3]), np.float32([10, 20])
    y = layer_norm(x, gain, bias, device=device)  # mean 3, variance 4
    np.testing.assert_allclose(y, [[8, 23]], rtol=1e-6)
    d_x, d_gain, d_bias = backprop_layer_norm(np.float32([[6, 5]]), x, gain, device=device)
    # Of two numbers only their order is left, so x has no gradient.
    np.testing.assert_allclose(d_x, [[0, 0]], atol=1e-6)
    np.testing.assert_allclose(d_gain, [-6, 5], rtol=1e-6)
    np.testing.assert_allclose(d_bias, [6, 5], rtol=1e-6)


NUMBERS = [0.0, 0.1, -7.3, 1e-40, 1e6, 1e18, -3e37]


@both_devices
@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("width", [1, 3, 13, 300])
def test_a_row_of_equal_numbers_becomes_the_bias(number, width, device):
    given = example(2, width) | {"x": np.full((2, width), number, np.float32)}
    np.testing.assert_array_equal(layer_norm(**given, device=device), [given["bias"]] * 2)
    del given["bias"]
    d_y = random_floats(2, width, seed=3)
    d_x, d_gain, _ = backprop_layer_norm(d_y, **given, device=device)
    e = given["gain"].astype(np.float64) * d_y
    want = 1e4 * (e - e.mean(axis=1, keepdims=True))
    np.testing.assert_allclose(d_x, want, rtol=1e-4, atol=0.02)
    assert not d_gain.any()


@each
@pytest.mark.parametrize("size", [1e-45, 1e-30, 1e-4, 1e9, 1e18, 1e36])
def test_rows_of_any_size_agree_with_the_reference(op, of, arguments, size):
    given = arguments(9)
    given["x"] = np.float32(size) * given["x"]
    want = of(**promises.in_float64(given))
    for got, expected in zip(helpers.parts(op(**given)), helpers.parts(want), strict=True):
        atol = max(1e-37, 2e-6 * np.abs(expected).max())  # below are fewer digits in float32
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=atol)


@each
def test_rows_far_from_0_keep_their_differences(op, of, arguments):
    given = arguments(9)
    given["x"] += np.float32(1e6)
    promises.assert_agrees(op, of, given, tolerance=1e-4)


@pytest.mark.usefixtures("fresh_threads")
@helpers.needs_speed
@each
def test_has_the_same_bits_on_any_number_of_threads(op, of, arguments):
    promises.assert_same_on_any_number_of_threads(op, arguments(5000))


@each
@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(op, of, arguments, form):
    promises.assert_takes_any_form(op, form, arguments(11))


@each
def test_writes_everything(op, of, arguments):
    promises.assert_writes_everything(op, arguments(11))


@pytest.mark.parametrize("width", [13, 64, 100])
def test_a_row_alone_has_the_bits_it_has_among_others(width):
    given, back = example(66, width), backprop_example(66, width)
    y, (d_x, *_) = layer_norm(**given), backprop_layer_norm(**back)
    for row in range(66):
        some = slice(row, row + 1)
        assert helpers.same_bits(layer_norm(**{**given, "x": given["x"][some]})[0], y[row])
        own = {**back, "x": back["x"][some], "d_y": back["d_y"][some]}
        assert helpers.same_bits(backprop_layer_norm(**own)[0][0], d_x[row])


def test_the_kernel_writes_in_the_place_of_the_rows():
    given = example(66)
    want, y = layer_norm(**given), given["x"].copy()
    cpu.normalise(given["gain"], given["bias"], y)
    assert helpers.same_bits(y, want)


@each
def test_refuses_bad_arrays(op, of, arguments):
    promises.assert_refuses_bad_arrays(op, arguments(3))


@pytest.mark.parametrize(
    ("op", "arguments", "name", "shape", "wanted"),
    [
        (layer_norm, example, "gain", (12,), "[13]"),
        (layer_norm, example, "bias", (12,), "[13]"),
        (backprop_layer_norm, backprop_example, "x", (2, 13), "[3, 13]"),
        (backprop_layer_norm, backprop_example, "gain", (1,), "[13]"),
    ],
)
def test_refuses_arrays_that_do_not_fit_the_others(op, arguments, name, shape, wanted):
    with pytest.raises(ShapeError) as caught:
        op(**{**arguments(3), name: random_floats(*shape)})
    text = f"{op.__name__}: {name} must have the shape {wanted}, got {list(shape)}"
    assert str(caught.value).startswith(text)
