"""A training that is killed and goes on ends as one that was not; and the best model is kept."""

import os
import signal

import numpy as np
import pytest

from salience.errors import RangeError, WeightsError
from salience.model.weights import MODEL_FILE, load
from salience.training.folders import claim
from salience.training.learner import Learner
from salience.training.loop import CHECKPOINT, Plan, train

from .toys import training

PLAN = Plan(steps=8, every=2)


class KilledError(Exception):
    """As if the process had ended there."""


def killed_at(task, step):
    def take(learner):
        if learner.step == step:
            raise KilledError
        return task(learner)

    return take


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    outcome = train(*training(), PLAN, folder, None)
    assert outcome.finished
    return folder


@pytest.mark.parametrize("step", [0, 1, 2, 5, 7])
def test_killed_at_any_step_and_resumed_it_ends_with_the_same_bits(whole, tmp_path, step):
    learner, task = training()
    with pytest.raises(KilledError):
        train(learner, killed_at(task, step), PLAN, tmp_path, None)
    outcome = train(*training(), PLAN, tmp_path, None)
    assert (outcome.steps, outcome.best, outcome.finished) == (8, 8, True)
    for name in (MODEL_FILE, CHECKPOINT):
        assert (tmp_path / name).read_bytes() == (whole / name).read_bytes(), name


def test_a_finished_training_is_not_gone_over_again(whole):
    before = (whole / MODEL_FILE).stat().st_mtime_ns
    outcome = train(*training(), PLAN, whole, None)
    assert outcome.finished
    assert (whole / MODEL_FILE).stat().st_mtime_ns == before


def test_ctrl_c_ends_after_the_step_with_model_and_checkpoint(whole, tmp_path):
    learner, task = training()

    def interrupted(learner):
        if learner.step == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return task(learner)

    outcome = train(learner, interrupted, PLAN, tmp_path, None)
    assert (outcome.steps, outcome.finished) == (3, False)
    assert load(tmp_path / MODEL_FILE).digest()
    assert train(*training(), PLAN, tmp_path, None).finished
    assert (tmp_path / MODEL_FILE).read_bytes() == (whole / MODEL_FILE).read_bytes()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_pressed_twice_it_ends_at_once(tmp_path):
    def interrupted(_):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError  # not reached

    with pytest.raises(KeyboardInterrupt):
        train(training()[0], interrupted, PLAN, tmp_path, None)


def test_the_model_is_the_best_by_its_dev_scores(tmp_path):
    models, dev = [], iter([0.1, 0.3, 0.9, 0.5, 0.9])

    def judge(weights):
        models.append(weights.digest())
        return {"sts": next(dev), "other": 0.1}

    outcome = train(*training(), PLAN, tmp_path, judge)
    assert (outcome.best, outcome.scores) == (4, {"sts": 0.9, "other": 0.1})
    assert load(tmp_path / MODEL_FILE).digest() == models[2]


def test_the_best_is_remembered_by_a_training_that_goes_on(tmp_path):
    dev = iter([0.1, 0.9, 0.3, 0.5, 0.4])

    def judge(_):
        return {"sts": next(dev)}

    learner, task = training()
    with pytest.raises(KilledError):
        train(learner, killed_at(task, 5), PLAN, tmp_path, judge)
    best = (tmp_path / MODEL_FILE).read_bytes()
    assert train(*training(), PLAN, tmp_path, judge).best == 2
    assert (tmp_path / MODEL_FILE).read_bytes() == best


def test_a_checkpoint_of_another_student_is_refused(whole):
    learner, task = training()
    learner.beside["sentences"] = np.zeros((3, 8), np.float32)
    before = learner.student.words.table.table.copy()
    with pytest.raises(WeightsError, match=r"expected 1/sentences of shape \(3, 8\), found \(12"):
        train(learner, task, PLAN, whole, None)
    np.testing.assert_array_equal(learner.student.words.table.table, before)


def test_an_interrupted_step_is_no_candidate(tmp_path):
    def judge(weights):
        return {"sts": float(weights.tensors["table"][1, 0])}

    def interrupted(learner):
        if learner.step == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return task(learner)

    whole = train(*training(), PLAN, tmp_path / "whole", judge)
    learner, task = training()
    train(learner, interrupted, PLAN, tmp_path / "cut", judge)
    assert train(*training(), PLAN, tmp_path / "cut", judge) == whole
    models = [(tmp_path / out / MODEL_FILE).read_bytes() for out in ("whole", "cut")]
    assert models[0] == models[1]


@pytest.mark.parametrize("scores", [{"sts": float("nan")}, {}])
def test_dev_scores_are_finite(tmp_path, scores):
    with pytest.raises(RangeError, match="expected finite dev scores, got"):
        train(*training(), PLAN, tmp_path, lambda _: scores)


def test_a_loss_that_is_not_finite_changes_nothing_on_disk(tmp_path):
    learner, task = training()

    def diverges(learner):
        loss, words = task(learner)
        return (float("nan") if learner.step == 3 else loss), words

    with pytest.raises(RangeError, match="expected a finite loss, got nan in step 3; give a"):
        train(learner, diverges, PLAN, tmp_path, None)
    assert load(tmp_path / CHECKPOINT).settings["step"] == 2


@pytest.mark.parametrize("rate", [0, -1.0, float("inf"), float("nan")])
def test_a_rate_is_above_0_and_finite(rate):
    with pytest.raises(RangeError, match="training: the rate must be a number from"):
        Learner(training()[0].student, {}, steps=1, rate=rate)


PARTS = {"texts": {"seed": 1, "files": ("a", 2)}, "training": {"rate": 0.1}}


@pytest.fixture
def made(tmp_path):
    """A folder, and the file that says that a part of the work is done."""
    folder = tmp_path / "new"
    return folder, {part: folder / f"{part}.done" for part in PARTS}


def test_a_folder_is_claimed_once(made):
    assert claim(made[0], PARTS, made[1]) == set(PARTS)
    assert claim(made[0], PARTS, made[1]) == set()


def test_what_is_done_cannot_change_and_what_is_not_can(made):
    folder, done = made
    claim(folder, PARTS, done)
    done["texts"].write_text("")
    with pytest.raises(WeightsError, match="there, seed differs: repeat what it was begun with"):
        claim(folder, {**PARTS, "texts": {"seed": 2, "files": ("a", 2)}}, done)
    assert claim(folder, {**PARTS, "training": {"rate": 0.2}}, done) == {"training"}
    assert claim(folder, {**PARTS, "training": {"rate": 0.2}}, done) == set()


def test_a_folder_of_something_else_is_refused(made, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "diary.txt").write_text("dear")
    with pytest.raises(WeightsError, match="expected a new or empty folder"):
        claim(made[0], PARTS, made[1])
    assert [path.name for path in made[0].iterdir()] == ["diary.txt"]


def test_a_damaged_plan_is_named(made):
    folder, done = made
    claim(folder, PARTS, done)
    (folder / "plan.json").write_text("{")
    with pytest.raises(WeightsError, match=r"plan\.json: expected what the folder was begun with"):
        claim(folder, PARTS, done)
