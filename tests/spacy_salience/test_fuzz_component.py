"""A damaged component is refused by name, and the one in the pipeline stays as it was."""

from functools import cache

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import WeightsError

from ..salience.helpers import needs_speed, tried
from ..salience.model.test_fuzz_weights import with_bytes_changed
from .models.test_network import SMALL
from .test_fuzz_text import pipeline

TEXT = "the cat sat on the unseen mat"
FRACTION = 10**6

changes = st.lists(
    st.one_of(
        st.tuples(st.just("flip"), st.integers(0, FRACTION), st.integers(0, 7)),
        st.tuples(st.just("cut"), st.integers(0, FRACTION), st.integers(1, 10**5)),
        st.tuples(st.just("insert"), st.integers(0, FRACTION), st.binary(min_size=1, max_size=9)),
        st.tuples(st.just("swap"), st.integers(0, FRACTION), st.integers(0, FRACTION)),
        # Where names, kinds and shapes are: most of the bytes are numbers.
        st.tuples(st.just("flip"), st.integers(0, 3000), st.integers(0, 7)),
    ),
    min_size=1,
    max_size=3,
)


@cache
def content(learns):
    """The bytes of a component without its vocab, which is the pipeline's own to save."""
    return pipeline(learns).get_pipe("salience").to_bytes(exclude=["vocab"])


def damaged(learns, changes):
    whole = content(learns)
    return with_bytes_changed(whole, within(whole, changes))


def within(whole, changes):
    return [(kind, place % len(whole), what) for kind, place, what in changes]


def refused(load, source):
    """Whether the load is refused, by a named error that says which."""
    try:
        load()
    except WeightsError as error:
        assert str(error).startswith(f"salience: cannot load {source}: ")  # noqa: PT017
        return True
    return False


@needs_speed
@pytest.mark.parametrize("learns", [False, True])
@tried(nightly=2000)
@given(changes=changes)
def test_damaged_bytes(learns, changes):
    nlp = pipeline(learns)
    component, before = nlp.get_pipe("salience"), nlp(TEXT).tensor
    given = damaged(learns, changes)
    if not refused(lambda: component.from_bytes(given, exclude=["vocab"]), "these bytes"):
        # The numbers of an encoder that learns have no digest: any are as good as others.
        component.from_bytes(content(learns), exclude=["vocab"])
    np.testing.assert_array_equal(nlp(TEXT).tensor, before)


@needs_speed
@pytest.mark.parametrize("learns", [False, True])
@tried(nightly=500, ci=5)
@given(changes=changes)
def test_a_damaged_file(learns, changes, tmp_path_factory):
    nlp, folder = pipeline(learns), tmp_path_factory.mktemp("component")
    component, before = nlp.get_pipe("salience"), nlp(TEXT).tensor
    component.to_disk(folder, exclude=["vocab"])
    file = folder / "model.safetensors"
    whole = file.read_bytes()
    file.write_bytes(with_bytes_changed(whole, within(whole, changes)))
    if not refused(lambda: component.from_disk(folder, exclude=["vocab"]), file):
        file.write_bytes(whole)
        component.from_disk(folder, exclude=["vocab"])
    np.testing.assert_array_equal(nlp(TEXT).tensor, before)


@needs_speed
@pytest.mark.parametrize("learns", [False, True])
def test_a_model_of_another_shape_is_refused_or_replaces_it_whole(learns):
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": {**SMALL, "width": 24}} if learns else {})
    if learns:
        nlp.initialize()
    before = nlp(TEXT).tensor
    try:
        nlp.get_pipe("salience").from_bytes(content(learns), exclude=["vocab"])
    except WeightsError:
        np.testing.assert_array_equal(nlp(TEXT).tensor, before)
    else:
        np.testing.assert_array_equal(nlp(TEXT).tensor, pipeline(learns)(TEXT).tensor)


@needs_speed
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"input_weight", b"input_weighs"),
        (b"gated", b"gatee"),
        (b"heads", b"headz"),
    ],
)
def test_a_name_that_has_changed_is_refused(old, new):
    component = pipeline(learns=True).get_pipe("salience")
    assert old in content(True)
    assert refused(lambda: component.from_bytes(content(True).replace(old, new)), "these bytes")
    assert component.learns


@needs_speed
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(bad):
    component, other = pipeline(True).get_pipe("salience"), spacy.blank("en")
    other.add_pipe("salience", config={"model": SMALL})
    other.initialize()
    other.get_pipe("salience").model.layers[0].layers[1].get_param("E")[0, 0] = bad
    given = other.get_pipe("salience").to_bytes(exclude=["vocab"])
    assert refused(lambda: component.from_bytes(given, exclude=["vocab"]), "these bytes")
