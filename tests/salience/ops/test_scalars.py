import numpy as np
import pytest

from salience.jit import F1, OUT1, kernel
from salience.ops.scalars import exp


@kernel(F1, OUT1)
def exps(x, out):
    for i in range(len(x)):
        out[i] = exp(x[i])


def exp_of(x):
    x = np.asarray(x, dtype=np.float32)
    out = np.empty_like(x)
    exps(x, out)
    return out


def ulps(x):
    """How many units in the last place exp is from the true value."""
    true = np.exp(x.astype(np.float64))
    unit = np.spacing(true.astype(np.float32)).astype(np.float64)
    return np.abs(exp_of(x).astype(np.float64) - true) / unit


@pytest.mark.parametrize(("low", "high"), [(-87, 88), (-1, 1), (-1e-3, 1e-3)])
def test_is_at_most_2_ulp_from_the_true_value(low, high):
    x = np.linspace(low, high, 300_001).astype(np.float32)
    assert ulps(x).max() <= 2


def test_is_at_most_2_ulp_off_where_the_power_of_two_changes():
    turns = (np.arange(-125, 126) + 0.5) * np.log(2)
    x = np.concatenate([np.nextafter(turns.astype(np.float32), way) for way in (-99, 99)])
    assert ulps(x[np.abs(x) < 87]).max() <= 2


def test_is_exactly_1_at_0():
    assert (exp_of([0.0, -0.0]) == 1).all()


@pytest.mark.parametrize(("beyond", "bound"), [(-88, -87), (-np.inf, -87), (89, 88), (np.inf, 88)])
def test_is_clipped_outside(beyond, bound):
    assert exp_of([beyond]) == exp_of([bound])
    assert np.isfinite(exp_of([beyond])).all()
    assert exp_of([beyond]) > 0


def test_never_falls():
    assert (np.diff(exp_of(np.linspace(-87, 88, 20_001))) >= 0).all()
