"""Sizes that do not fit each other are refused, and said which."""

import numpy as np
import pytest

from salience.errors import RangeError, ShapeError
from salience.layers import (
    Affine,
    BilinearAttention,
    Block,
    ConcatFusion,
    EmbeddingBags,
    GatedRecurrence,
    GateFusion,
    LinearRecurrence,
    Pooling,
    TanhRecurrence,
)
from salience.layers.encoder import build_layers
from salience.model.settings import BlockSettings, Settings
from salience.testing import random_floats, random_starts
from salience.types import Batch, Ragged

from .examples import CELLS, FUSIONS

STARTS = random_starts([2, 3])


def rows(width, starts=STARTS):
    return Batch(random_floats(5, width), starts)


def refuses(layer, X, text, error=ShapeError):
    with pytest.raises(error, match=text):  # noqa: PT012 (where a layer says so is its own choice)
        layer.initialize()
        layer.predict(X)


def test_rows_of_another_width():
    refuses(Affine(4, 5), rows(6), "^affine: ")
    refuses(Pooling(4), rows(5), "^pooling: ")
    refuses(GateFusion(4, 6), (rows(4), rows(5), rows(4)), "^fusion: ")
    refuses(ConcatFusion(4, 6), (rows(4), rows(5), rows(4)), "^affine: ")


@pytest.mark.parametrize("make", [LinearRecurrence, TanhRecurrence, GatedRecurrence])
def test_a_recurrence_of_another_or_of_an_odd_width(make):
    times = 2 if make is GatedRecurrence else 1
    refuses(make(5), rows(5 * times), "recurrence: .*even|recurrence: .* shape")
    if make is not GatedRecurrence:  # which has no parameters that tell the width
        refuses(make(6), rows(8), "recurrence: ")


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("fusion", FUSIONS)
def test_a_block_of_an_odd_number_of_states(cell, fusion):
    with pytest.raises(ShapeError, match=r"^Block: the number of states must be even, got 5"):
        Block(BlockSettings(5, cell=cell, heads=1, rank=3, window=None, fusion=fusion), 5)


def test_a_width_that_heads_do_not_divide():
    attention = BilinearAttention(6, heads=4, rank=3, window=None)
    refuses(attention, (rows(6), rows(6)), "bilinear_attention: .*multiple")
    four = BlockSettings(6, heads=4, rank=3)
    with pytest.raises(
        ShapeError, match=r"^Block: the width must be a multiple of heads; got 6 for "
    ):
        Block(four, 6)
    with pytest.raises(
        ShapeError, match=r"^Settings: the width must be a multiple of heads; got 6"
    ):
        build_layers(Settings(6, (four,)))


def test_a_window_below_0():
    attention = BilinearAttention(6, heads=1, rank=3, window=-1)
    refuses(attention, (rows(6), rows(6)), "window", RangeError)


def test_no_blocks():
    with pytest.raises(RangeError, match=r"^Settings: depth must be a whole number >= 1, got 0"):
        build_layers(Settings(6, ()))


KINDS = {
    "cell": {"cell": "lstm"}, "fusion": {"fusion": "sum"}, "heads": {"heads": -1},
    "rank": {"rank": 0}, "window": {"window": -1}, "the number of states": {"states": 0},
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_a_block_of_no_kind_or_size_that_there_is(name):
    settings = BlockSettings(**{"states": 6, "rank": 3, **KINDS[name]})
    with pytest.raises(RangeError, match=f"^Block: {name} must be "):
        Block(settings, 6)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("width", 0), ("words", "floret"), ("pooling", "mean"), ("document_width", 0),
        ("word_factor", 0.0), ("scale", 0.0), ("scale", 2.0**30), ("scale", 3.0),
        ("attributes", (("NORM", 0),)),
    ],
)  # fmt: skip
def test_an_encoder_of_no_kind_or_size_that_there_is(name, value):
    settings = Settings(**{"width": 6, "blocks": (BlockSettings(6, heads=0),), name: value})
    named = "rows" if name == "attributes" else name
    with pytest.raises(RangeError, match=f"^Settings: .*{named}.* must be "):
        build_layers(settings)


@pytest.mark.parametrize("ids", [[0, 9], [-1]])
def test_rows_that_the_table_does_not_have(ids):
    bags = Ragged(np.array(ids), random_starts([len(ids)]))
    refuses(EmbeddingBags(4, 9), bags, "^embedding_bags: ", RangeError)


def test_starts_that_do_not_end_with_the_rows():
    for starts in ([0, 2], [0, 6], [1, 5], [0, 3, 2, 5]):
        refuses(LinearRecurrence(6), rows(6, np.array(starts)), "linear_recurrence: ", ValueError)
