"""Damage to a file of weights is refused, or does not matter."""

import json

import numpy as np
import pytest

from salience.errors import WeightsError
from salience.model import weights as files
from salience.model.weights import from_bytes
from salience.testing import random_weights

WEIGHTS = random_weights(["the", "cat"], width=4, states=4, heads=1, rank=2, buckets=5)
CONTENT = WEIGHTS.to_bytes()
HEADER = 8 + int.from_bytes(CONTENT[:8], "little")


def assert_refused_or_equal(content, source="these bytes"):
    try:
        loaded = from_bytes(content, source)
    except WeightsError as error:
        assert str(error).startswith(f"{source}: ")  # noqa: PT017
        assert "save" in str(error)  # noqa: PT017
        return True
    assert loaded.digest() == WEIGHTS.digest()
    return False


def flipped(position, bit):
    content = bytearray(CONTENT)
    content[position] ^= 1 << bit
    return bytes(content)


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, HEADER // 2, HEADER, HEADER + 1, -1])
def test_a_truncated_file_is_refused(tmp_path, length):
    path = tmp_path / "model.safetensors"
    path.write_bytes(CONTENT[:length])
    with pytest.raises(WeightsError) as caught:
        files.load(path)
    assert str(caught.value).startswith(f"{path}: expected a safetensors file of salience weights")
    assert "truncated or damaged: restore it from a copy" in str(caught.value)


def test_a_longer_file_is_refused():
    assert assert_refused_or_equal(CONTENT + b"\0")


def test_a_flipped_bit_anywhere_is_refused_or_does_not_matter(tmp_path):
    rng = np.random.default_rng(0)
    for position in range(len(CONTENT)):
        content = flipped(position, rng.integers(8))
        assert assert_refused_or_equal(content) or 8 <= position < HEADER


def test_a_flipped_bit_of_a_file_names_the_file(tmp_path):
    path = tmp_path / "model.safetensors"
    for position in np.random.default_rng(1).integers(HEADER, len(CONTENT), 20):
        path.write_bytes(flipped(position, 3))
        with pytest.raises(WeightsError) as caught:
            files.load(path)
        assert str(caught.value).startswith(f"{path}: the SHA-256 of the content is not the one")
        assert "reinstall salience" in str(caught.value)


def with_entry(text, **others):
    """The file with another text in the header about the same numbers."""
    header = json.loads(CONTENT[8:HEADER])
    header["__metadata__"] = {"salience": text, **others}
    encoded = json.dumps(header).encode()
    return len(encoded).to_bytes(8, "little") + encoded + CONTENT[HEADER:]


def stated():
    return json.loads(json.loads(CONTENT[8:HEADER])["__metadata__"]["salience"])


def test_a_rewritten_header_that_says_the_same_is_still_read():
    assert not assert_refused_or_equal(with_entry(json.dumps(stated(), indent=2), note="hello"))


@pytest.mark.parametrize("name", ["format", "settings", "sha256"])
@pytest.mark.parametrize("value", [None, [], "salience-2", 3, {"a": 1}])
def test_a_header_that_says_something_else_is_refused(name, value):
    assert assert_refused_or_equal(with_entry(json.dumps({**stated(), name: value})))


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "3", "{", "[" * 100_000])
def test_a_header_that_says_nothing_is_refused(text):
    assert assert_refused_or_equal(with_entry(text))
