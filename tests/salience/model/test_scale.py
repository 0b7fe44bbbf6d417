"""A scale is a power of two, in the settings or inside of the arrays: the same vectors."""

import numpy as np
import pytest

from salience.encoder import Encoder
from salience.model.scale import fitting_scale, with_scale, with_scale_inside
from salience.model.settings import BlockSettings, Settings
from salience.testing import random_encoder, random_floats, random_starts, random_weights
from salience.training.precision import stored

from ..models import WEIGHTS, random_bags

STARTS = random_starts([5, 0, 7])
BAGS = random_bags(12)


def encoded(weights):
    return Encoder(weights).encode(BAGS, STARTS)


@pytest.mark.parametrize("table", ["float32", "int8"])
@pytest.mark.parametrize("scale", [1.0, 0.25, 8.0])
def test_a_scale_inside_gives_the_same_bits(table, scale):
    weights = stored(WEIGHTS, table)
    outside = with_scale(weights, scale)
    inside = with_scale_inside(outside)
    assert inside.settings["scale"] == 1
    one, want, found = map(encoded, (with_scale(weights, 1.0), outside, inside))
    for got, expected in zip(found, want, strict=True):
        np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(want.vectors, np.float32(scale) * one.vectors)


def test_what_bends_its_sum_keeps_its_scale():
    block = BlockSettings(4, heads=1, rank=2, fusion="concat")
    weights = random_encoder(Settings(8, (block,), scale=4.0), ["a"])
    assert with_scale_inside(weights).settings["scale"] == 4


@pytest.mark.parametrize("spread", [0.11, 1, 0.06, 3, 1e-6])
def test_the_scale_that_fits_brings_numbers_to_about_1(spread):
    table = random_floats(2000, 8, scale=spread)
    assert 0.7 < np.std(table) * fitting_scale(table) < 1.42


def test_a_table_of_zeros_has_a_scale_too():
    assert np.isfinite(fitting_scale(np.zeros((3, 2))))


def test_what_is_stored_has_the_scale_that_fits():
    weights = random_weights(["a", "b"])
    assert stored(weights, "int8").settings["scale"] == fitting_scale(weights.tensors["table"])
