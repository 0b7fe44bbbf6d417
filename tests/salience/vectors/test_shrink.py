"""Smaller word vectors keep what they say they keep."""

import numpy as np
import pytest

from salience.errors import RangeError
from salience.ops import cosine_matrix
from salience.vectors.shrink import NEIGHBOURS, Loss, loss, narrowed, pruned, rounded
from salience.vectors.word_vectors import WordVectors

from .tables import at_random, floret, grams, unit

FORMS = {
    "words": lambda: at_random(counts=np.arange(60)[::-1]),
    "n-grams too": lambda: at_random(ngrams=grams()),
    "shared rows": lambda: at_random(20, row_of=np.arange(20)[::-1]),
}


@pytest.mark.parametrize("form", FORMS)
def test_all_axes_keep_all_cosines(form):
    before = FORMS[form]()
    after = narrowed(before, before.width)
    a, b = before.all_vectors, after.all_vectors
    np.testing.assert_allclose(cosine_matrix(b, b), cosine_matrix(a, a), atol=1e-5)
    np.testing.assert_allclose(b @ b.T, a @ a.T, atol=1e-4)
    assert after.words == before.words
    assert after.counts is before.counts


@pytest.mark.parametrize("form", [*FORMS, "n-grams alone"])
def test_fewer_axes_are_those_of_the_singular_values(form):
    before = FORMS.get(form, floret)()
    after = narrowed(before, 3)
    assert after.width == 3

    def rows(vectors):
        return vectors.all_vectors if len(vectors) else vectors.ngrams.rows

    _, values, _ = np.linalg.svd(rows(before).astype(np.float64))
    found = np.linalg.norm(rows(after).astype(np.float64), axis=0)
    np.testing.assert_allclose(found, values[:3], rtol=1e-4)


def test_an_unknown_words_vector_turns_with_the_others():
    before = at_random(ngrams=grams())
    after = narrowed(before, before.width)
    words = ["w5w6", "w7", "other"]
    a, b = before.vectors(words), after.vectors(words)
    np.testing.assert_allclose(b @ b.T, a @ a.T, atol=1e-4)


def test_pruned_words_have_the_nearest_kept_row():
    before = at_random(counts=np.arange(60)[::-1])
    after = pruned(before, 10)
    assert after.rows.shape == (10, before.width)
    assert after.words == before.words
    np.testing.assert_array_equal(after.vectors(before.words[:10]), before.rows[:10])
    nearest = (unit(before.rows[10:]) @ unit(before.rows[:10]).T).argmax(axis=1)
    np.testing.assert_array_equal(after.vectors(before.words[10:]), before.rows[nearest])


def test_pruning_twice_and_to_more_rows_than_there_are(tmp_path):
    before = at_random()
    assert pruned(before, 60) is before
    twice = pruned(pruned(before, 20), 5)
    assert len(twice.rows) == 5
    np.testing.assert_array_equal(twice.vectors(before.words[:5]), before.rows[:5])
    twice.to_disk(tmp_path / "five")
    np.testing.assert_array_equal(
        WordVectors.from_disk(tmp_path / "five").all_vectors, twice.all_vectors
    )


@pytest.mark.parametrize("form", FORMS)
def test_int8_is_what_the_folder_has_and_off_by_half_a_step(form, tmp_path):
    before = FORMS[form]()
    after = rounded(before)
    before.to_disk(tmp_path / "int8", precision="int8")
    read = WordVectors.from_disk(tmp_path / "int8")
    np.testing.assert_array_equal(after.rows, read.rows)
    np.testing.assert_array_equal(after.all_vectors, read.all_vectors)
    step = np.abs(before.rows).max(axis=1, keepdims=True) / 127
    assert (np.abs(after.rows - before.rows) <= step / 2 * 1.001).all()
    assert not np.array_equal(after.rows, before.rows)


def test_what_is_lost_grows():
    before = at_random(200, 30)
    assert loss(before, before) == pytest.approx((1.0, 1.0))
    smaller = rounded(before), narrowed(before, 15), narrowed(before, 2)
    losses = [loss(before, each) for each in smaller]
    for name in Loss._fields:
        found = [getattr(each, name) for each in losses]
        assert found == sorted(found, reverse=True)
        assert found[0] > 0.9
        assert found[2] < 0.6
    few = pruned(before, 3)
    assert loss(before, few).neighbours < 0.5
    assert loss(before, few, seed=1) == loss(before, few, seed=1)


def test_neighbours_are_the_ten_nearest_without_the_word_itself():
    before = at_random(60, 20)
    after = narrowed(before, 5)
    near = []
    for vectors in (before, after):
        cosines = unit(vectors.rows) @ unit(vectors.rows).T
        np.fill_diagonal(cosines, -2)
        near.append(np.argsort(-cosines, axis=1)[:, :NEIGHBOURS])
    same = [len(set(a) & set(b)) / NEIGHBOURS for a, b in zip(*near, strict=True)]
    assert loss(before, after).neighbours == pytest.approx(np.mean(same))


def test_what_is_lost_is_of_the_words_that_both_have():
    before = at_random()
    order = np.arange(60)[::-1][:40]
    other = WordVectors([f"w{n}" for n in order], before.rows[order].copy())
    assert loss(before, other) == pytest.approx((1.0, 1.0))


@pytest.mark.parametrize(
    ("message", "ask"),
    [
        ("width", lambda: narrowed(at_random(), 0)),
        ("width", lambda: narrowed(at_random(), 8)),
        ("rows", lambda: pruned(at_random(), 0)),
        ("n-gram rows", lambda: pruned(at_random(ngrams=grams()), 10)),
        ("n-gram rows", lambda: pruned(floret(), 10)),
        ("at least three words", lambda: loss(at_random(2), at_random(2))),
        ("at least three words", lambda: loss(floret(), floret())),
    ],
)
def test_what_cannot_be_is_refused(message, ask):
    with pytest.raises(RangeError, match=message):
        ask()
