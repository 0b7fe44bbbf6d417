"""What is learnt, from memory and from disk, on one thread and on several."""

from dataclasses import replace

import numpy as np
import pytest

from salience import threads
from salience.errors import RangeError
from salience.training.corpus import corpus_of, write_corpus
from salience.vectors.draws import aliases, kept
from salience.vectors.vocabulary import vocabulary_of

from ..helpers import needs_kernels
from .examples import SMALL, TOPICS, learner, sentences

FORMS = [(form, sg) for form in ("word2vec", "fasttext", "floret") for sg in (True, False)]


def vectors_of(ours):
    rows, members = ours.tables.rows, ours._members
    found = [
        rows[members.numbers[a:b]].mean(axis=0)
        for a, b in zip(members.starts[:-1], members.starts[1:], strict=True)
    ]
    return dict(zip(ours.vocabulary.words, found, strict=True))


def taught(ours, count=1):
    with threads.limited_to(count):
        for epoch in range(ours.settings.epochs):
            ours.learn(epoch, 0, ours.slices)
    return ours


@needs_kernels
@pytest.mark.parametrize(("form", "skip_gram"), FORMS)
@pytest.mark.parametrize("count", [1, 2])
def test_words_that_stand_together_are_alike(form, skip_gram, count):
    given = replace(SMALL, form=form, skip_gram=skip_gram, epochs=20)
    found = vectors_of(taught(learner(given), count))
    first, second = (np.stack([found[word] for word in topic]) for topic in TOPICS)
    first, second = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (first, second))
    assert (first @ first.T).mean() > (first @ second.T).mean() + 0.2


@needs_kernels
def test_a_corpus_on_disk_teaches_the_same_bits_as_in_memory(tmp_path):
    stored = write_corpus(sentences(), tmp_path)
    one, other = taught(learner()), taught(learner(corpus=stored))
    np.testing.assert_array_equal(one.tables.rows, other.tables.rows)


@needs_kernels
def test_a_seed_gives_the_same_bits_again_and_another_seed_others():
    rows = [taught(learner(replace(SMALL, seed=seed))).tables.rows for seed in (1, 1, 2)]
    np.testing.assert_array_equal(rows[0], rows[1])
    assert (rows[0] != rows[2]).any()


def test_the_rate_falls_linearly():
    ours = learner(corpus=corpus_of(sentences(4000)))
    assert ours.rate(0, 0) == SMALL.rate
    middle = (SMALL.rate + SMALL.last_rate) / 2
    half = (ours.rate(1, 0) + ours.rate(2, 0)) / 2
    assert half == pytest.approx(middle)
    assert ours.rate(0, 1) < SMALL.rate


def test_an_alias_table_has_the_shares_of_its_weights():
    weights = np.array([1.0, 0.5, 7.0, 0.0, 2.5])
    thresholds, others = aliases(weights)
    own = thresholds / 2.0**32
    shares = own.copy()
    np.add.at(shares, others, 1 - own)
    np.testing.assert_allclose(shares / len(weights), weights / weights.sum(), atol=1e-9)


def test_frequent_words_are_left_out_and_others_never():
    often = kept(np.array([99_999, 1]), 1e-4) / 2.0**32
    assert often[0] == pytest.approx(1e-4 + 1e-2, rel=1e-3)
    assert often[1] == pytest.approx(1)


def test_a_vocabulary_is_the_most_frequent_words_without_white_space():
    corpus = corpus_of([["b", "a", "a", "b", "c", "x y", "x y", "a"], ["d"]])
    vocabulary = vocabulary_of(corpus, 1, 3)
    assert vocabulary.words == ["a", "b", "c"]
    assert vocabulary.counts.tolist() == [3, 2, 1]
    assert vocabulary.numbers.tolist() == [1, 0, 2, -1, -1]
    assert vocabulary.spaced == 1
    with pytest.raises(RangeError, match="at least two words that occur 4 times or more, got 0"):
        vocabulary_of(corpus, 4, 3)


@pytest.mark.parametrize(
    "wrong",
    [{"form": "glove"}, {"window": 0}, {"negatives": 64}, {"rate": 2.0}, {"sample": -1.0},
     {"shortest": 5, "longest": 3}, {"hashes": 5}, {"max_words": 1}],
)  # fmt: skip
def test_a_setting_out_of_range_is_refused(wrong):
    with pytest.raises(RangeError, match="vectors: "):
        replace(SMALL, **wrong).check()
