"""What salience.Encoder.v1 refuses, and what it says then."""

import pytest
import spacy

from salience.errors import RangeError, ShapeError, WeightsError

from .test_network import SMALL


def build(**changes):
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": {**SMALL, **changes}})
    return nlp


def test_attrs_and_rows_that_do_not_pair_up():
    with pytest.raises(RangeError, match=r"^Encoder\.v1: attrs and rows must be as many, got 2"):
        build(attrs=["NORM", "SHAPE"], rows=[5])
    with pytest.raises(RangeError, match=r"got 0 and 1$"):
        build(attrs=[], rows=[5])


def test_nothing_to_embed():
    with pytest.raises(RangeError, match=r"^Encoder\.v1: nothing to embed; give attrs .* or words"):
        build(attrs=[], rows=[])


@pytest.mark.parametrize("name", ["NROM", "colour"])
def test_an_unknown_attribute(name):
    with pytest.raises(RangeError, match=r"^Encoder\.v1: attrs must be names of spaCy's attrib"):
        build(attrs=["NORM", name], rows=[5, 5])


@pytest.mark.parametrize("rows", [0, -3])
def test_a_table_without_rows(rows):
    with pytest.raises(RangeError, match=r"^Encoder\.v1: rows must be a whole number >= 1, got"):
        build(rows=[5, rows])


@pytest.mark.parametrize("depth", [0, -1])
def test_no_blocks(depth):
    with pytest.raises(RangeError, match=r"depth must be a whole number >= 1"):
        build(depth=depth)


def test_no_vectors_in_the_vocab():
    nlp = build(words="vectors")
    text = r'^words = "vectors": expected vectors in nlp\.vocab, found none; set init.*load_vectors'
    with pytest.raises(WeightsError, match=text):
        nlp.initialize()


def test_an_unknown_model():
    with pytest.raises(RangeError, match=r"^pretrained: expected one of .*, got 'no_such_model'$"):
        build(words="no_such_model")


@pytest.mark.parametrize(
    "changes", [{"width": 7, "heads": 1}, {"width": 8, "heads": 3}, {"width": 7, "cell": "tanh"}]
)
def test_a_width_that_is_odd_or_that_heads_do_not_divide_is_refused_when_it_is_built(changes):
    with pytest.raises((RangeError, ShapeError)):
        build(**changes)


@pytest.mark.parametrize("changes", [{"heads": -1}, {"rank": 0}, {"window": -1}, {"width": 0}])
def test_sizes_below_what_there_can_be_are_refused_when_it_is_built(changes):
    with pytest.raises((RangeError, ShapeError)):
        build(**changes)


@pytest.mark.parametrize("changes", [{"cell": "lstm"}, {"fusion": "sum"}, {"width": "wide"}])
def test_other_kinds_are_refused_by_the_config(changes):
    with pytest.raises(ValueError, match=r"Config error for 'salience\.Encoder\.v1'"):
        build(**changes)
