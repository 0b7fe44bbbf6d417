import json

import numpy as np
import pytest

from salience.errors import RangeError, ShapeError, WeightsError
from salience.training import lessons
from salience.training.lessons import write_lessons

TEXTS = ["one", "two", "three", "four", "five"]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(lessons, "TEXTS_AT_ONCE", 2)


def teacher(texts):
    return np.array([[len(text), 1, 0] for text in texts])


def taught(path, of=teacher, texts=TEXTS, count=5):
    told = []
    return write_lessons(iter(texts), count, of, path, told.append), told


def test_writes_the_directions_of_what_the_teacher_says(tmp_path):
    matrix, told = taught(tmp_path / "t.npy")
    expected = teacher(TEXTS) / np.linalg.norm(teacher(TEXTS), axis=1, keepdims=True)
    np.testing.assert_allclose(matrix, expected, atol=1e-3)
    assert matrix.dtype == np.float16
    assert told == [0, 2, 2, 1]


def test_goes_on_with_the_block_it_was_at(tmp_path):
    asked = []

    def tired(texts):
        if len(asked) == 1:
            raise KeyboardInterrupt
        asked.append(list(texts))
        return teacher(texts)

    with pytest.raises(KeyboardInterrupt):
        taught(tmp_path / "t.npy", tired)
    asked.clear()
    assert json.loads((tmp_path / "t.json").read_text()) == {"rows": 2}
    matrix, told = taught(tmp_path / "t.npy", lambda texts: asked.append(texts) or teacher(texts))
    assert asked == [["three", "four"], ["five"]]
    assert told == [2, 2, 1]
    np.testing.assert_array_equal(matrix, taught(tmp_path / "whole.npy")[0])


@pytest.mark.parametrize(
    ("of", "error", "message"),
    [
        (lambda texts: teacher(texts)[1:], ShapeError, r"must have the shape \[2, width\]"),
        (lambda texts: teacher(texts)[0], ShapeError, "must have the shape"),
        (lambda texts: [[1], [1, 2]], ShapeError, "to return a vector for each text, got"),
        (lambda texts: "vectors", ShapeError, "to return a vector for each text, got"),
        (lambda texts: teacher(texts) * np.nan, RangeError, "not finite"),
        (lambda texts: teacher(texts)[:, : len(texts)], ShapeError, r"the shape \[1, 2\], got"),
    ],
)
def test_a_teacher_who_says_something_else_is_refused(tmp_path, of, error, message):
    with pytest.raises(error, match=f"^distil: .*{message}"):
        taught(tmp_path / "t.npy", of)


@pytest.mark.parametrize("texts", [TEXTS[:3], []])
def test_texts_that_have_become_fewer_are_refused(tmp_path, texts):
    with pytest.raises(ShapeError, match="expected 5 texts, as there were before, read"):
        taught(tmp_path / "t.npy", texts=texts)


DAMAGE = {
    "t.json": [b"", b"{", b"[]", b"{}", b'{"rows": "2"}', b'{"rows": 0}', b'{"rows": 6}', b"\xff"],
    "t.npy": [b"", b"junk", "cut", "floats"],
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_file_is_named(tmp_path, name):
    for damage in DAMAGE[name]:
        for file in tmp_path.iterdir():
            file.unlink()
        taught(tmp_path / "t.npy")
        if damage == "cut":
            damage = (tmp_path / name).read_bytes()[:-3]
        if damage == "floats":
            np.save(tmp_path / name, np.zeros((5, 3)))
        else:
            (tmp_path / name).write_bytes(damage)
        with pytest.raises(WeightsError, match=r"t\.npy: expected what the teacher said"):
            taught(tmp_path / "t.npy")


def test_a_link_of_its_name_is_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "t.npy").symlink_to(victim)
    taught(tmp_path / "t.npy")
    assert victim.read_bytes() == b"precious"


def test_a_full_disk_is_an_error_before_the_first_row(tmp_path, monkeypatch):
    """And not the end of the process, as it is where a row is written to memory."""

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full, raising=False)
    with pytest.raises(OSError, match="No space left"):
        taught(tmp_path / "t.npy")
    monkeypatch.undo()
    monkeypatch.setattr(lessons, "TEXTS_AT_ONCE", 2)
    assert taught(tmp_path / "t.npy")[1] == [0, 2, 2, 1]
