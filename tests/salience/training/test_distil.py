import numpy as np
import pytest

import salience
from salience.errors import RangeError, ShapeError
from salience.ops import cosine_pairs
from salience.training.corpus import corpus_of
from salience.training.distil import Lessons
from salience.training.words import word_teacher

from . import toys
from .toys import lessons, training


def losses(learner, task, steps):
    return [task(learner)[0] for _ in range(steps)]


@pytest.mark.parametrize("tokens", [False, True])
def test_a_student_learns(tokens):
    found = losses(*training(lessons(200, tokens=tokens), steps=60, batch=32), 60)
    assert np.mean(found[-6:]) < 0.6 * np.mean(found[:6])


def test_with_recurrence_it_learns_what_order_says():
    given, ends = lessons(200), {}
    for parts in ({}, {"recurrence": False, "attention": False}):
        found = losses(*training(given, steps=150, batch=32, **parts), 150)
        ends[not parts] = np.mean(found[-10:])
    assert ends[True] < 0.85 * ends[False]


def test_a_step_tells_how_many_words_it_was_of():
    learner, task = training()
    total = sum(task(learner)[1] for _ in range(task.steps_of_an_epoch))
    assert total == np.minimum(np.diff(lessons().corpus.starts), 6).sum()


def test_the_number_of_threads_changes_no_bit(fresh_threads):
    digests = set()
    for threads in (1, 2):
        salience.set_num_threads(threads)
        learner, task = training()
        losses(learner, task, 5)
        digests.add(learner.student.weights().digest())
    assert len(digests) == 1


@pytest.mark.parametrize("tokens", [False, True])
def test_fitted_readouts_are_the_best_there_are(tokens):
    first = []
    for fitted in (True, False):
        learner, task = training(lessons(200, tokens=tokens), steps=60, batch=200)
        if fitted:
            learner.beside.update(task.fitted_readouts())
        assert set(learner.beside) == {"sentences", *(["tokens"] if tokens else [])}
        first.append(task(learner)[0])
    assert first[0] < 0.9 * first[1]


@pytest.mark.parametrize(("name", "rows"), [("sentences", 59), ("tokens", 3)])
def test_a_matrix_of_other_texts_is_refused(name, rows):
    given = lessons(tokens=True)
    cut = {**vars(given), name: getattr(given, name)[:rows]}
    with pytest.raises(ShapeError, match=rf"vectors of {name} to have the shape \[\d+, width\]"):
        training(Lessons(**cut))


@pytest.mark.parametrize("batch", [60, 2])
def test_vectors_of_tokens_may_be_of_the_first_sentences_only(monkeypatch, batch):
    """All others are learnt from as sentences; with 2 in a batch, some batches have none known."""
    given = lessons(tokens=True)
    cut = Lessons(given.corpus, given.sentences, given.tokens[: given.corpus.starts[20]])
    learner, task = training(cut, steps=60, batch=batch)
    forward, look_up, seen = learner.student.forward, task._bags.look_up, {}

    def spied(words):
        encoded, backprop = forward(words)
        return encoded, lambda *given: seen.update(gradients=given[1]) or backprop(*given)

    def kept(*arguments):
        words, seen["places"] = look_up(*arguments)
        return words, seen["places"]

    monkeypatch.setattr(learner.student, "forward", spied)
    monkeypatch.setattr(task._bags, "look_up", kept)
    for _ in range(20):
        loss, _ = task(learner)
        has_gradient = seen["gradients"].any(axis=1)
        assert np.isfinite(loss)
        np.testing.assert_array_equal(has_gradient, seen["places"] < len(cut.tokens))


def test_no_texts_are_refused():
    empty = Lessons(corpus_of([["the"], [], []]), np.ones((3, 12), np.float16))
    with pytest.raises(RangeError, match="expected at least two texts with words; give more"):
        training(empty)


def test_a_word_is_what_its_sentences_have_in_common():
    given = lessons(200)
    teach = word_teacher(given)
    near = cosine_pairs(teach(toys.WORDS), toys.of_words(toys.WORDS))
    far = cosine_pairs(teach(toys.WORDS), toys.of_words(toys.WORDS[::-1]))
    assert near.mean() > far.mean() + 0.3
