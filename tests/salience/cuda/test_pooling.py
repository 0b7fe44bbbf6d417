from itertools import pairwise

import numpy as np
import pytest

from salience.cuda import segments
from salience.ops import backprop_pooling, pooling
from salience.ops.pooling import reference

from ..helpers import same_bits
from ..ops import test_pooling, test_pooling_backprop
from ..ops.promises import in_float64
from .promises import assert_agrees

SHAPES = [([], 3), ([0], 3), ([2, 40], 0), ([1, 0, 5, 40], 35)]
shapes = pytest.mark.parametrize(("lengths", "width"), SHAPES)


@pytest.fixture(params=[False, True], ids=["whole", "divided"])
def divided(request, monkeypatch):
    """Documents of more than 39 tokens are in segments of 34, more than a warp, where asked."""
    if request.param:
        monkeypatch.setattr(segments, "WHOLE", 39)
        monkeypatch.setattr(segments, "SEGMENT", 34)


@shapes
def test_agrees_with_the_reference(lengths, width, divided):
    assert_agrees(pooling, reference.forward, test_pooling.example(lengths, width))


@shapes
def test_gradients_agree_with_the_reference(lengths, width, divided):
    arguments = test_pooling_backprop.example(lengths, width)
    assert_agrees(backprop_pooling, reference.backprop, arguments)


def test_no_d_salience_is_zeros():
    arguments = test_pooling_backprop.example([3, 0, 20])
    zeros = np.zeros_like(arguments.pop("d_salience"))
    assert_agrees(backprop_pooling, reference.backprop, arguments, {"d_salience": zeros})


def test_more_columns_than_a_block_has_threads():
    lengths, width = [2, 1], 131
    assert_agrees(pooling, reference.forward, test_pooling.example(lengths, width))
    arguments = test_pooling_backprop.example(lengths, width)
    assert_agrees(backprop_pooling, reference.backprop, arguments)


def test_a_document_alone_has_the_bits_it_has_among_others(divided):
    arguments = test_pooling.example([3, 0, 41])
    salience, documents = pooling(**arguments, device="cuda")
    for b, (first, last) in enumerate(pairwise(arguments["starts"])):
        tokens = slice(first, last)
        alone = {name: arguments[name][tokens] for name in ("vectors", "weights")}
        alone["starts"] = [0, last - first]
        got = pooling(**{**arguments, **alone}, device="cuda")
        assert same_bits(got, (salience[tokens], documents[b : b + 1]))


def test_logits_beyond_float32_still_have_a_softmax(divided):
    arguments = test_pooling.example([2, 41])
    arguments["vectors"] *= np.float32(1e20)
    arguments["query"] *= np.float32(1e20)
    salience, documents = pooling(**arguments, device="cuda")
    want, means = reference.forward(**in_float64(arguments))
    np.testing.assert_allclose(salience, want, atol=1e-30)
    np.testing.assert_allclose(documents, means, rtol=1e-5)


@pytest.mark.parametrize(
    ("size", "equal"), [(1e-45, True), (1e15, True), (1e-40, False), (1e30, False)]
)
@pytest.mark.parametrize("name", test_pooling_backprop.NAMES)
def test_one_extreme_input_leaves_everything_finite(name, size, equal):
    arguments = test_pooling_backprop.inputs([3, 0, 7], 3)
    signs = np.ones_like(arguments[name]) if equal else np.sign(arguments[name])
    arguments[name] = np.float32(size) * signs
    salience, documents = pooling(**arguments, device="cuda")
    assert salience[:3].sum() == pytest.approx(1, abs=1e-6)
    assert np.isfinite(documents).all()
    given = test_pooling_backprop.backprop_of(arguments)
    for gradient in backprop_pooling(**given, device="cuda"):
        assert np.isfinite(gradient).all()
