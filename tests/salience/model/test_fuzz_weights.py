"""Any damage to a model, in its bytes or in what it says: a named error, or a working encoder."""

import json
import tracemalloc
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from salience.encoder.encoder import Encoder
from salience.errors import SalienceError, WeightsError
from salience.model.weights import Weights, from_bytes
from salience.testing import random_starts, random_weights
from salience.types import Ragged

from ..helpers import tried

WORDS = ["the", "cat"]
WEIGHTS = random_weights(WORDS, width=4, states=4, heads=1, rank=2, buckets=5)
CONTENT = WEIGHTS.to_bytes()
HEADER = 8 + int.from_bytes(CONTENT[:8], "little")
NAMES = sorted(WEIGHTS.tensors)
DTYPES = ("f2", "f4", "f8", "i1", "u1", "i4", "i8", "u8", "?")

places = st.integers(0, len(CONTENT) - 1)
byte_changes = st.one_of(
    st.tuples(st.just("flip"), places, st.integers(0, 7)),
    st.tuples(st.just("cut"), places, places),
    st.tuples(st.just("insert"), places, st.binary(max_size=20)),
    st.tuples(st.just("swap"), places, places),
    st.tuples(st.just("header"), st.integers(8, HEADER - 1), st.sampled_from(b'0123456789[]{}",:')),
)


def with_bytes_changed(content, changes):
    """The content after these changes."""
    content = bytearray(content)
    for kind, place, what in changes:
        place = min(place, len(content) - 1)
        if place < 0:
            break
        if kind == "flip":
            content[place] ^= 1 << what
        elif kind == "cut":
            del content[place : place + what]
        elif kind == "insert":
            content[place:place] = what
        elif kind == "swap":
            other = min(what, len(content) - 1)
            content[place], content[other] = content[other], content[place]
        else:
            content[place] = what
    return bytes(content)


@tried(nightly=2000)
@given(st.lists(byte_changes, min_size=1, max_size=4))
def test_changed_bytes_are_refused_or_do_not_matter(changes):
    try:
        loaded = from_bytes(with_bytes_changed(CONTENT, changes))
    except WeightsError:
        return
    assert loaded.digest() == WEIGHTS.digest()


numbers = st.sampled_from([np.nan, np.inf, -np.inf, 0, 1, -1, 1e15, 1e30, 1e-45, 1e300])
values = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 9), st.sampled_from([2**31, 2**63, 10**30]),
    st.floats(), st.text(max_size=3), st.lists(st.integers(), max_size=2),
)  # fmt: skip
names = st.sampled_from(NAMES)
axes = st.integers(0, 6)
meanings = st.one_of(
    st.tuples(st.just("swap"), names, names),
    st.tuples(st.just("drop"), names, st.none()),
    st.tuples(st.just("dtype"), names, st.sampled_from(DTYPES)),
    st.tuples(st.just("number"), names, numbers),
    st.tuples(st.just("shape"), names, st.lists(axes, max_size=3).map(tuple)),
    st.tuples(st.just("transpose"), names, st.none()),
    st.tuples(st.just("setting"), st.sampled_from(sorted(WEIGHTS.settings)), values),
    st.tuples(st.just("no setting"), st.sampled_from(sorted(WEIGHTS.settings)), st.none()),
)


def with_meaning_changed(changes):
    """The model after these changes, its digest made anew: as another program may write it."""
    tensors = {name: np.array(array) for name, array in WEIGHTS.tensors.items()}
    settings = dict(WEIGHTS.settings)
    with np.errstate(all="ignore"):
        for kind, name, what in changes:
            if kind == "setting":
                settings[name] = what
            elif kind == "no setting":
                settings.pop(name, None)
            elif name not in tensors:
                continue
            elif kind == "swap":
                if what in tensors:
                    tensors[name], tensors[what] = tensors[what], tensors[name]
            elif kind == "drop":
                del tensors[name]
            elif kind == "dtype":
                tensors[name] = tensors[name].astype(what)
            elif kind == "number":
                if tensors[name].size:
                    wide = np.float64 if what == 1e300 else tensors[name].dtype
                    tensors[name] = tensors[name].astype(wide)
                    kept = np.asarray(what).astype(wide)
                    tensors[name].flat[tensors[name].size // 2] = kept
            elif kind == "shape":
                tensors[name] = np.resize(tensors[name], what)
            else:
                tensors[name] = np.ascontiguousarray(tensors[name].T)
    return Weights(tensors, settings)


@tried(nightly=2000, ci=50)
@given(st.lists(meanings, min_size=1, max_size=3))
@example([("shape", "words", ()), ("dtype", "words", "u8"), ("number", "words", 1e30)])
@example([("number", "table", np.nan)])
@example([("number", "table", 1e300)])
@example([("number", "decay", 1e300)])
@example([("number", "fusion_weight", 1e30), ("number", "input_bias", 1e30)])
@example([("setting", "window", 10**30)])
@example([("setting", "shortest", 2**63)])
@example([("setting", "buckets", 2**63)])
def test_a_changed_meaning_is_refused_before_use_or_works(changes):
    content = with_meaning_changed(changes).to_bytes()
    try:
        encoder = Encoder(from_bytes(content))
    except SalienceError:
        return
    for word in ("the", "unseen", ""):
        encoder.vocabulary.bag(word)
    bags = [encoder.vocabulary.bag(word) for word in ("the", "cat", "unseen", " ", "the")]
    ragged = Ragged(np.concatenate(bags), random_starts([len(bag) for bag in bags]))
    encoded = encoder.encode(ragged, random_starts([3, 0, 2]))
    assert encoded.vectors.shape == (5, encoder.width)
    assert all(np.isfinite(part).all() for part in encoded)


@pytest.mark.parametrize("settings", [3, None, "window", [1], True])
def test_settings_of_another_kind_are_refused(settings):
    header = json.loads(CONTENT[8:HEADER])
    stated = json.loads(header["__metadata__"]["salience"])
    stated.update(settings=settings, sha256=Weights(WEIGHTS.tensors, settings).digest())
    header["__metadata__"]["salience"] = json.dumps(stated)
    encoded = json.dumps(header).encode()
    content = len(encoded).to_bytes(8, "little") + encoded + CONTENT[HEADER:]
    with pytest.raises(WeightsError, match="truncated or damaged"):
        from_bytes(content)


@cache
def claims():
    """Files that claim to hold far more than they do."""
    found = [(2**62).to_bytes(8, "little") + CONTENT[8:], (2**40).to_bytes(8, "little") + b"{}"]
    for shape, offsets in (([2**40, 4], [0, 2**44]), ([2**62, 2**62], [0, 16]), ([2**40], [0, 16])):
        header = json.loads(CONTENT[8:HEADER])
        header["table"].update(shape=shape, data_offsets=offsets)
        encoded = json.dumps(header).encode()
        found.append(len(encoded).to_bytes(8, "little") + encoded + CONTENT[HEADER:])
    return found


@pytest.mark.parametrize("claim", range(5))
def test_a_file_that_claims_to_be_huge_is_refused_without_making_room(claim):
    content = claims()[claim]
    tracemalloc.start()
    try:
        with pytest.raises(WeightsError):
            from_bytes(content)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_words_of_one_number_make_no_room_for_it():
    tensors = {**WEIGHTS.tensors, "words": np.uint64(2**36)}
    with pytest.raises(SalienceError):
        Encoder(from_bytes(Weights(tensors, WEIGHTS.settings).to_bytes()))
