import numba
import numpy as np
import pytest

from salience.cpu import scalars
from salience.cpu.jit import F1, OUT1, kernel


@kernel(F1, OUT1)
def exps(x, out):
    for i in range(len(x)):
        out[i] = scalars.exp(x[i])


@kernel(F1, OUT1)
def tanhs(x, out):
    for i in range(len(x)):
        out[i] = scalars.tanh(x[i])


@kernel(F1, OUT1)
def sigmoids(x, out):
    for i in range(len(x)):
        out[i] = scalars.sigmoid(x[i])


def of(fill):
    def function(x):
        x = np.asarray(x, dtype=np.float32)
        out = np.empty_like(x)
        with np.errstate(over="ignore", invalid="ignore"):  # as plain Python, which warns
            fill(x, out)
        return out

    return function


exp, tanh, sigmoid = of(exps), of(tanhs), of(sigmoids)


def ulps(function, x):
    """How many units in the last place a function is from the true value."""
    wide = x.astype(np.float64)
    true = {exp: np.exp, tanh: np.tanh, sigmoid: lambda x: 1 / (1 + np.exp(-x))}[function](wide)
    unit = np.spacing(np.abs(true).astype(np.float32)).astype(np.float64)
    return np.abs(function(x).astype(np.float64) - true) / unit


def dense(low, high):
    steps = 2001 if numba.config.DISABLE_JIT else 300_001
    return np.linspace(low, high, steps).astype(np.float32)


def every_size():
    """Finite numbers of every exponent, of both signs, from 0 on."""
    step = 2_000_003 if numba.config.DISABLE_JIT else 4999
    sizes = np.arange(0, 0x7F800000, step, dtype=np.uint32).view(np.float32)
    return np.concatenate([-sizes[::-1], sizes])


def around(x):
    x = np.asarray(x, dtype=np.float32)
    near = [x]
    for way in (-np.inf, np.inf):
        y = x
        for _ in range(3):
            y = np.nextafter(y, np.float32(way))
            near.append(y)
    return np.concatenate(near)


POWERS = np.ldexp(np.float32(1), np.arange(-149, 128))
BORDERS = around([*POWERS, *-POWERS, 0.625, -0.625, 0.3125, -0.3125, 9.01, -9.01, 17.33, 0.0])
TURNS = around((np.arange(-125, 126) + 0.5) * np.log(2))  # where exp's power of two changes
RANGES = [(-87, 88), (-1, 1), (-1e-3, 1e-3), (0.5, 0.75), (-20, 20), (-1e-40, 1e-40)]

ranges = pytest.mark.parametrize(("low", "high"), RANGES)
functions = pytest.mark.parametrize(
    ("function", "most"), [(exp, 2), (tanh, 4), (sigmoid, 4)], ids=["exp", "tanh", "sigmoid"]
)
each = pytest.mark.parametrize("function", [exp, tanh, sigmoid], ids=["exp", "tanh", "sigmoid"])


def within(function, x):
    """The numbers that the function does not clip."""
    low, high = {exp: (-87, 88), tanh: (-np.inf, np.inf), sigmoid: (-87, 87)}[function]
    return x[(x >= low) & (x <= high)]


@functions
@ranges
def test_is_as_close_to_the_true_value_as_it_says(function, most, low, high):
    assert ulps(function, within(function, dense(low, high))).max() <= most


@functions
@pytest.mark.parametrize(
    "x", [BORDERS, TURNS, TURNS / 2, every_size()], ids=["borders", "turns", "half", "sizes"]
)
def test_is_as_close_at_the_borders(function, most, x):
    assert ulps(function, within(function, x)).max() <= most


def test_is_exact_at_0():
    zeros = [0.0, -0.0]
    assert (exp(zeros) == 1).all()
    assert (tanh(zeros) == 0).all()
    assert (sigmoid(zeros) == 0.5).all()


@pytest.mark.parametrize(
    ("function", "beyond", "bound"),
    [
        *[(exp, -88, -87), (exp, -np.inf, -87), (exp, 89, 88), (exp, np.inf, 88)],
        *[(sigmoid, -88, -87), (sigmoid, -np.inf, -87), (sigmoid, np.inf, 87), (sigmoid, 1e30, 87)],
    ],
)
def test_is_clipped_outside(function, beyond, bound):
    got = function([beyond])
    assert got == function([bound])
    assert np.isfinite(got).all()
    assert got > 0


def test_tanh_of_infinity_is_1():
    np.testing.assert_array_equal(tanh([-np.inf, -1e30, -20, 20, 1e30, np.inf]), [-1] * 3 + [1] * 3)


@each
def test_never_falls(function):
    x = np.sort(np.concatenate([dense(-90, 90), dense(-1, 1), BORDERS]))
    assert (np.diff(function(x)) >= 0).all()


def test_tanh_is_odd_and_at_most_1():
    x = np.concatenate([dense(0, 20), BORDERS, every_size()])
    np.testing.assert_array_equal(tanh(-x), -tanh(x))
    assert np.abs(tanh(x)).max() == 1


def test_tanh_of_a_tiny_number_is_the_number():
    x = np.ldexp(np.float32(1), np.arange(-149, -13))
    np.testing.assert_array_equal(tanh(x), x)


def test_sigmoid_is_between_0_and_1_and_never_either():
    y = sigmoid(np.concatenate([dense(-200, 200), BORDERS, every_size(), [np.inf, -np.inf]]))
    assert y.min() > 0
    assert y.max() < 1


def test_sigmoid_of_the_opposite_is_the_rest_to_1():
    x = np.concatenate([dense(0, 20), every_size()])
    np.testing.assert_allclose(sigmoid(x) + sigmoid(-x), 1, rtol=0, atol=2e-7)
