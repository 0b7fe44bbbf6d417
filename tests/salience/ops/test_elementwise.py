"""exp, tanh and sigmoid of arrays; how close they are, test_scalars.py shows."""

import numpy as np
import pytest

from salience import ops
from salience.errors import DtypeError, RangeError, ShapeError
from salience.ops.elementwise import reference
from salience.testing import random_floats

from .. import helpers
from . import promises
from .gradients import assert_gradients

NAMES = ("exp", "tanh", "sigmoid")
SHAPES = [(), (0,), (1,), (70,), (2, 3, 4), (3, 0, 2), (5, 129)]
each = pytest.mark.parametrize("name", NAMES)
shapes = pytest.mark.parametrize("shape", SHAPES)


def pair(name):
    return getattr(ops, name), getattr(ops, f"backprop_{name}")


@each
@shapes
def test_agrees_with_the_reference_in_any_shape(name, shape):
    op, backprop = pair(name)
    x = random_floats(*shape, scale=3)
    promises.assert_agrees(op, getattr(reference, name), {"x": x}, tolerance=1e-6)
    arguments = {"d_y": random_floats(*shape, seed=1), "y": op(x)}
    of = getattr(reference, f"backprop_{name}")
    promises.assert_agrees(backprop, of, arguments, tolerance=1e-6)


@each
@shapes
@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_keeps_the_shape_and_gives_float32(name, shape, device):
    op, backprop = pair(name)
    y = op(random_floats(*shape), device=device)
    d_x = backprop(random_floats(*shape), y, device=device)
    assert y.shape == d_x.shape == shape
    assert y.dtype == d_x.dtype == np.float32


@helpers.runs_no_kernel
@each
def test_is_the_slope(name):
    x, d_y = random_floats(4, 5).astype(np.float64), random_floats(4, 5, seed=1)

    def loss(x):
        return (getattr(reference, name)(x) * d_y).sum()

    y = getattr(reference, name)(x)
    d_x = getattr(reference, f"backprop_{name}")(d_y, y)
    assert_gradients(loss, {"x": x}, {"x": d_x})


@each
def test_a_bare_number_will_do(name):
    op, backprop = pair(name)
    assert float(op(0.5)) == pytest.approx(float(getattr(reference, name)(np.float64(0.5))))
    assert np.shape(backprop(2.0, 0.5)) == ()


@each
def test_a_number_alone_has_the_bits_it_has_among_others(name):
    op, _ = pair(name)
    x = np.concatenate([random_floats(70, scale=3), np.float32([0, 1e-40, 0.625, 90, -90, 1e30])])
    whole = op(x)
    for length in (1, 3, 4, 7, 8, 15, 16, 17, 33, 64):
        for first in (0, 5, len(x) - length):
            part = slice(first, first + length)
            assert helpers.same_bits(op(x[part]), whole[part])


@each
@pytest.mark.parametrize("form", [*promises.FORMS, np.transpose])
def test_takes_any_form(name, form):
    op, backprop = pair(name)
    x = random_floats(6, 70)
    promises.assert_takes_any_form(op, form, {"x": x})
    promises.assert_takes_any_form(backprop, form, {"d_y": x, "y": op(x)})


@each
def test_writes_everything(name):
    op, backprop = pair(name)
    x = random_floats(5, 33)
    promises.assert_writes_everything(op, {"x": x})
    promises.assert_writes_everything(backprop, {"d_y": x, "y": op(x)})


@each
def test_leaves_what_it_is_given(name):
    op, _ = pair(name)
    x = random_floats(40)
    op(x)
    np.testing.assert_array_equal(x, random_floats(40))


@helpers.needs_kernels
@each
@pytest.mark.parametrize("bits", [0x7FC00000, 0xFFC00000, 0x7F800001, 0x7FFFFFFF])
@pytest.mark.parametrize("length", [1, 40])
def test_nan_stays_nan(name, bits, length):
    op, _ = pair(name)
    y = op(np.full(length, bits, np.uint32).view(np.float32))
    assert np.isnan(y).all()


@each
def test_nan_stays_where_it_is(name):
    op, backprop = pair(name)
    x = random_floats(40)
    x[17] = np.nan
    assert np.flatnonzero(np.isnan(op(x, device="reference"))).tolist() == [17]
    assert np.flatnonzero(np.isnan(backprop(x, np.ones(40, np.float32)))).tolist() == [17]


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_infinity_is_clipped_or_its_limit(device):
    far = np.array([-np.inf, np.inf], dtype=np.float32)
    np.testing.assert_allclose(ops.exp(far, device=device), np.exp([-87.0, 88.0]), rtol=1e-6)
    np.testing.assert_array_equal(ops.tanh(far, device=device), [-1, 1])
    low, high = ops.sigmoid(far, device=device)
    assert low == pytest.approx(np.exp(-87.0), rel=1e-6)
    assert high == np.nextafter(np.float32(1), np.float32(0))


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_the_gradient_of_a_gate_is_never_0_nor_below(device):
    y = ops.sigmoid(np.array([-1e30, -50, 0, 50, 1e30], np.float32), device=device)
    assert (ops.backprop_sigmoid(np.ones(5, np.float32), y, device=device) > 0).all()


@each
@pytest.mark.parametrize("bad", [[1, 2], 3, [True], ["a"], [1j]])
def test_refuses_what_is_not_floating_point(name, bad):
    op, backprop = pair(name)
    text = f"must hold floating-point numbers, got {np.asarray(bad).dtype}"
    with pytest.raises(DtypeError, match=f"^{name}: x {text}"):
        op(bad)
    with pytest.raises(DtypeError, match=f"^backprop_{name}: y {text}"):
        backprop([1.0], bad)
    with pytest.raises(DtypeError, match=f"^backprop_{name}: d_y {text}"):
        backprop(bad, [1.0])


@each
def test_refuses_gradients_of_another_shape_and_unknown_devices(name):
    op, backprop = pair(name)
    text = rf"^backprop_{name}: d_y must have the shape \[2, 3\], got \[3\]"
    with pytest.raises(ShapeError, match=text):
        backprop(np.zeros(3), np.zeros((2, 3)))
    with pytest.raises(RangeError, match=f"^{name}: device must be one of cpu, cuda, ref"):
        op([1.0], device="gpu")
    with pytest.raises(RangeError, match=f"^backprop_{name}: device must be one of cpu, cuda, ref"):
        backprop([1.0], [1.0], device="gpu")
