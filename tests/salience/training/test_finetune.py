import numpy as np
import pytest

from salience.errors import RangeError, ShapeError
from salience.training.corpus import corpus_of
from salience.training.finetune import Finetuning, Judged
from salience.training.learner import Learner
from salience.training.objectives import directions
from salience.training.start import start
from salience.training.student import Student

from .toys import SMALL, of_words

NONE = float("nan")
TEXTS = [
    text.split()
    for text in ("the cat bites", "a dog runs", "not good", "very bad", "man sees man", "the man")
]


def judged(*pairs):
    """Pairs of (first, second, cosine or NaN, alike or NaN)."""
    first, second, wanted, alike = zip(*pairs, strict=True)
    return Judged(
        np.array(first), np.array(second), np.array(wanted, np.float32),
        np.array(alike, np.float32),
    )  # fmt: skip


def trained(pairs, steps=40, batch=4, seed=0):
    """The loss of each step, and the cosines of all texts after them."""
    corpus = corpus_of(TEXTS)
    student = Student(start(corpus.counts(), of_words, SMALL))
    task = Finetuning(corpus, pairs, student, batch=batch, longest=9, temperature=0.1, seed=seed)
    learner = Learner(student, {}, steps=steps, rate=0.02)
    losses = [task(learner)[0] for _ in range(steps)]
    return losses, cosines(task, student)


def cosines(task, student):
    batch, _ = task._bags.look_up(task.corpus, np.arange(len(TEXTS)), 9)
    units, _ = directions(student.forward(batch)[0].documents)
    return units @ units.T


def test_scores_become_cosines():
    losses, found = trained(judged((0, 1, 0.9, NONE), (2, 3, 0.1, NONE), (4, 5, 0.5, NONE)))
    assert losses[-1] < 0.01 * losses[0]
    np.testing.assert_allclose([found[0, 1], found[2, 3], found[4, 5]], [0.9, 0.1, 0.5], atol=0.1)


def test_what_is_alike_comes_together_and_what_is_not_goes_apart():
    _, found = trained(judged((0, 1, NONE, 1), (2, 3, NONE, 1), (4, 5, NONE, 0)))
    for one, other in ((0, 1), (2, 3)):
        others = np.delete(found[one], [one, other])
        assert found[one, other] > others.max() + 0.2
    assert found[4, 5] < 0.3


def test_scores_and_labels_go_together():
    pairs = judged((0, 1, 0.2, NONE), (2, 3, NONE, 1), (0, 4, NONE, 1), (4, 5, 0.8, NONE))
    _, found = trained(pairs, steps=80)
    np.testing.assert_allclose([found[0, 1], found[4, 5]], [0.2, 0.8], atol=0.15)
    assert found[2, 3] > found[2, [0, 1, 4, 5]].max() + 0.2


def test_every_pair_is_seen_once_an_epoch():
    pairs = judged(*[(i % 6, (i + 1) % 6, 0.5, NONE) for i in range(10)])
    corpus = corpus_of(TEXTS)
    student = Student(start(corpus.counts(), of_words, SMALL))
    task = Finetuning(corpus, pairs, student, batch=4, longest=9, temperature=0.1, seed=0)
    learner = Learner(student, {}, steps=3, rate=0.01)
    assert task.steps_of_an_epoch == 3
    lengths = np.diff(corpus.starts)
    wanted = sum(lengths[i % 6] + lengths[(i + 1) % 6] for i in range(10))
    assert sum(task(learner)[1] for _ in range(3)) == wanted


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"batch": 0}, RangeError, "the batch must be a whole number >= 1"),
        ({"longest": 0}, RangeError, "longest must be a whole number >= 1"),
        ({"temperature": 0}, RangeError, "temperature must be a number from 0.001"),
        ({"judged": Judged(*[np.zeros(0)] * 4)}, RangeError, "at least one pair, got none"),
        (
            {"judged": Judged(*[np.zeros(2, int)] * 3, np.zeros(1, np.float32))},
            ShapeError,
            "as much of everything, got",
        ),
    ],
)
def test_refuses_what_does_not_fit(change, error, message):
    corpus = corpus_of(TEXTS)
    student = Student(start(corpus.counts(), of_words, SMALL))
    given = {
        "judged": judged((0, 1, 0.9, NONE)), "batch": 4, "longest": 9, "temperature": 0.1,
        "seed": 0, **change,
    }  # fmt: skip
    with pytest.raises(error, match=f"^finetune: .*{message}"):
        Finetuning(corpus, student=student, **given)
