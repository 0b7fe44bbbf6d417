"""LayerNorm is thinc's, whose parameters it reads, but for its gradients on several threads."""

import numpy as np
import pytest
from thinc.api import LayerNorm as Thincs

from salience.layers import LayerNorm
from salience.layers.gradients import collecting
from salience.testing import random_floats

from .examples import close, stirred
from .formulas import gradients_of


def pair(width=13):
    """One of ours and one of thinc's, with the same parameters by way of bytes."""
    thincs, ours = Thincs(width), LayerNorm(width)
    thincs.initialize()
    stirred(thincs)
    return ours.from_bytes(thincs.to_bytes()), thincs


@pytest.mark.parametrize("rows", [1, 200])
def test_says_what_thinc_s_says(rows):
    x, d_y = random_floats(rows, 13, scale=3), random_floats(rows, 13, seed=1)
    (ours, thincs), found = pair(), []
    for layer in (ours, thincs):
        y, backprop = layer.begin_update(x)
        found.append([y, backprop(d_y), *gradients_of(layer).values()])
    for got, want in zip(*found, strict=True):
        close(got, want, 2e-5)


def test_thinc_s_loads_what_was_saved_with_it():
    ours, _ = pair()
    thincs = Thincs().from_bytes(ours.to_bytes())
    assert all((thincs.get_param(name) == ours.get_param(name)).all() for name in ("G", "b"))
    assert (thincs.name, thincs.get_dim("nI"), thincs.get_dim("nO")) == (ours.name, 13, 13)


def test_starts_as_thinc_s_does():
    for layer in (LayerNorm(5), Thincs(5)):
        layer.initialize()
        assert (layer.get_param("G") == 1).all()
        assert (layer.get_param("b") == 0).all()


def test_equal_numbers_become_the_bias():
    ours, _ = pair()
    np.testing.assert_array_equal(ours.predict(np.full((1, 13), 1e6 + 0.1))[0], ours.get_param("b"))


def test_a_thread_s_gradients_are_collected():
    ours, _ = pair()
    with collecting() as collected:
        _, backprop = ours.begin_update(random_floats(4, 13))
        backprop(random_floats(4, 13, seed=1))
    assert [(layer, name) for layer, name, _ in collected] == [(ours, "G"), (ours, "b")]
    assert not ours.has_grad("G")
