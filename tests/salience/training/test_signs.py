"""Common signs have rows, and no sign outweighs a comma."""

import numpy as np
import pytest

from salience.model.parameters import WordTable
from salience.model.vocab import BLANK_ROW, Vocabulary
from salience.testing import random_floats, random_weights
from salience.training.precision import stored
from salience.training.signs import LIGHT, limit_signs, with_signs
from salience.training.student import Student

WORDS = [",", "=", "grinning", "cat", "rightwards", "arrow", "the"]


def model(words=WORDS, precision="float32"):
    return stored(random_weights(words, width=6, states=4, rank=3, buckets=9), precision)


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_the_rows_that_were_there_stay(precision):
    before = model(precision=precision)
    after = with_signs(before)
    old, new = WordTable(before), WordTable(after)
    kept = [*range(1, 1 + len(WORDS)), *range(len(new.table()) - 9, len(new.table()))]
    np.testing.assert_array_equal(new.table()[kept], old.table()[1:])
    assert list(new.vocabulary.words[: len(WORDS)]) == WORDS
    assert new.vocabulary.reading == "normalised"
    assert not new.table()[BLANK_ROW].any()


@pytest.mark.parametrize("sign", ["\U0001f600", "\u2192", "\u2022", "\u2500", "\u2605", "\u2014"])
def test_common_signs_have_rows_of_their_own(sign):
    words = WordTable(with_signs(model()))
    assert words.vocabulary.bag(sign).tolist() == [words.vocabulary.row(sign)]


def test_a_sign_is_like_its_name_and_short():
    words = WordTable(with_signs(model()))
    table, row = words.table(), words.vocabulary.row
    grinning, face = table[row("grinning")], table[row("\U0001f600")]
    assert face @ grinning == pytest.approx(
        np.linalg.norm(face) * np.linalg.norm(grinning), rel=1e-4
    )
    signs = table[1 + len(WORDS) : -9]
    longest = np.linalg.norm(table[row(",")]) / 2
    assert np.linalg.norm(signs, axis=1).max() <= longest * 1.0001


@pytest.mark.parametrize("words", [WORDS, WORDS[1:]])
def test_no_sign_weighs_more_than_a_comma(words):
    after = with_signs(model(words))
    vocabulary, logits = WordTable(after).vocabulary, after.tensors["word_weights"]
    comma = vocabulary.row(",")
    limit = LIGHT if comma is None else logits[comma]
    assert (logits[vocabulary.sign_rows] <= limit).all()
    before = model(words).tensors["word_weights"]
    cat = 1 + words.index("cat")
    assert logits[cat] == before[cat]


def test_a_limit_leaves_words_alone():
    vocabulary = Vocabulary(["=", "cat", ","], 2)
    logits = np.array([-30, 1, 2, -4, 5, 6], dtype=np.float32)
    limit_signs(vocabulary, logits, np.zeros((6, 3), np.float32), np.ones(3, np.float32))
    assert logits.tolist() == [-30, -4, 2, -4, 5, 6]


@pytest.mark.parametrize(("score", "logit"), [(3.0, -6.0), (1.0, -4.0), (-9.0, -4.0)])
def test_what_the_query_says_of_a_sign_counts_too(score, logit):
    logits = np.array([-30, 1, -4, 5], dtype=np.float32)
    table = np.array([[0], [score], [1], [7]], dtype=np.float32)
    limit_signs(Vocabulary(["=", ","], 1), logits, table, np.ones(1, np.float32))
    assert logits.tolist() == [-30, logit, -4, 5]


def test_a_model_with_signs_stays_as_it_is():
    once = with_signs(model())
    assert with_signs(once).digest() == once.digest()


def test_a_student_may_not_learn_a_heavy_sign_or_a_blank_that_says_something():
    before = with_signs(model())
    student = Student(before)
    student.words.table.table[BLANK_ROW] = 1
    student.words.logits.table[:] = 9
    student.hold()
    after = student.weights()
    signs = student.vocabulary.sign_rows
    assert not after.tensors["table"][BLANK_ROW].any()
    assert (
        after.tensors["word_weights"][BLANK_ROW]
        == with_signs(model()).tensors["word_weights"][BLANK_ROW]
    )
    assert (after.tensors["word_weights"][signs] <= after.tensors["word_weights"][1]).all()


def test_a_model_that_reads_verbatim_may_learn_both():
    student = Student(model())
    student.words.table.table[BLANK_ROW] = 1
    student.hold()
    assert student.weights().tensors["table"][BLANK_ROW].all()


def test_a_weight_that_is_held_is_below_a_comma_that_was_learnt():
    student = Student(with_signs(model()))
    comma = student.vocabulary.row(",")
    student.words.logits.table[:, 0] = random_floats(len(student.words.logits.table), seed=1)
    student.words.logits.table[comma] = -2
    student.hold()
    assert student.words.logits.table[student.vocabulary.sign_rows].max() <= -2
