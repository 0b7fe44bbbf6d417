import numpy as np
import pytest

from salience.errors import RangeError
from salience.model.weights import Weights
from salience.training.corpus import corpus_of
from salience.training.finetune import Finetuning, Judged
from salience.training.labels import Head, Labelled, classification, new_head
from salience.training.learner import Learner
from salience.training.start import start
from salience.training.student import Student

from .test_objectives import assert_gradients, rows, units
from .toys import SMALL, of_words

TEXTS = [text.split() for text in ("the cat bites", "a dog runs", "", "not good", "very bad")]
CORPUS = corpus_of(TEXTS)
OF_TEXTS = Labelled(np.array([0, 1, 3, 4]), np.array([0, 0, 0, 1, 1]), 2, of_words=False)
OF_WORDS = Labelled(np.arange(5), CORPUS.tokens.astype(np.int64) % 3, 3, of_words=True)
PAIRS = Judged(np.array([0, 3]), np.array([1, 4]), np.float32([0.9, 0]), np.float32([np.nan] * 2))
NO_PAIRS = PAIRS.chosen(np.zeros(0, np.int64))


def trained(*labelled, judged=NO_PAIRS, steps=60, learns="all", **given):
    student = Student(start(CORPUS.counts(), of_words, SMALL), learns=learns)
    given = {"batch": 4, "longest": 9, "temperature": 0.1, "seed": 0, **given}
    task = Finetuning(CORPUS, judged, student, labelled=labelled, **given)
    learner = Learner(student, task.heads(), steps=steps, rate=0.02)
    return learner, [task(learner) for _ in range(steps)]


def test_the_loss_of_labels_has_these_gradients():
    given = {"units": units(5, 4), "weight": rows(3, 4, seed=2), "bias": rows(3, seed=3)}
    labels = np.array([0, 2, 1, 2, 2])

    def loss(units, weight, bias):
        """By the formula, in float64."""
        odds = np.exp(2 * units @ weight.T + bias)
        return -np.log(odds[np.arange(5), labels] / odds.sum(axis=1)).mean()

    found, d_units, d_head = classification(
        given["units"], Head(given["weight"], given["bias"]), labels
    )
    assert found == pytest.approx(loss(**given), rel=1e-6)
    assert_gradients(loss, given, {"units": d_units, "weight": d_head[0], "bias": d_head[1]})


def test_a_new_head_finds_all_labels_equally_likely():
    loss, *_ = classification(units(5, 4), new_head(7, 4), np.arange(5))
    assert loss == pytest.approx(np.log(7), rel=1e-6)


def test_no_rows_have_no_loss_and_no_gradient():
    none = np.zeros((0, 4), np.float32)
    loss, d_units, d_head = classification(none, new_head(3, 4), np.zeros(0, np.int64))
    assert loss == 0
    assert d_units.shape == (0, 4)
    assert not any(gradient.any() for gradient in d_head)


@pytest.mark.parametrize("sets", [(OF_TEXTS,), (OF_WORDS,), (OF_TEXTS, OF_WORDS)])
@pytest.mark.parametrize("judged", [NO_PAIRS, PAIRS])
def test_labels_are_learnt_alone_and_together(sets, judged):
    _, steps = trained(*sets, judged=judged)
    assert steps[-1][0] < 0.2 * steps[0][0]


def test_an_epoch_has_all_of_every_set_once():
    """The largest set is in batches of 2; the others are spread over as many steps."""
    _, steps = trained(OF_TEXTS, OF_WORDS, judged=PAIRS, batch=2, steps=3)
    lengths = np.array([len(text) for text in TEXTS])
    of_pairs = lengths[[0, 3, 1, 4]].sum()
    of_labels = lengths[OF_TEXTS.texts].sum() + lengths.sum()
    assert sum(words for _, words in steps) == of_pairs + of_labels


@pytest.mark.parametrize("learns", ["all", "blocks", "table"])
def test_what_does_not_learn_keeps_its_bits(learns):
    before = Student(start(CORPUS.counts(), of_words, SMALL)).weights()
    after = trained(OF_TEXTS, OF_WORDS, steps=3, learns=learns)[0].student.weights()
    changed = {
        name for name, array in after.tensors.items() if (array != before.tensors[name]).any()
    }
    table = {"table", "word_weights"}
    assert bool(changed & table) == (learns != "blocks")
    assert bool(changed - table) == (learns != "table")


def test_a_checkpoint_has_the_heads():
    """Resumed after any step, a training ends with the same bits."""
    whole, _ = trained(OF_TEXTS, OF_WORDS, judged=PAIRS, steps=6, batch=2)
    student = Student(start(CORPUS.counts(), of_words, SMALL))
    task = Finetuning(
        CORPUS, PAIRS, student, labelled=(OF_TEXTS, OF_WORDS), batch=2, longest=9,
        temperature=0.1, seed=0,
    )  # fmt: skip
    first = Learner(student, task.heads(), steps=6, rate=0.02)
    for _ in range(4):
        task(first)
    task.student = Student(start(CORPUS.counts(), of_words, SMALL))
    again = Learner(task.student, task.heads(), steps=6, rate=0.02)
    state = {name: array.copy() for name, array in first.state().items()}
    again.restore(Weights(state, {}), 4)
    for _ in range(2):
        task(again)
    assert again.student.weights().digest() == whole.student.weights().digest()


def test_an_unknown_part_is_refused():
    with pytest.raises(RangeError, match=r"training: .*learns.*'none'"):
        Student(start(CORPUS.counts(), of_words, SMALL), learns="none")


def test_nothing_to_learn_is_refused():
    with pytest.raises(RangeError, match="finetune: expected"):
        trained()
