"""A training that is killed and goes on ends as one that was not; and the best model is kept."""

import os
import signal

import numpy as np
import pytest

from salience.errors import WeightsError
from salience.training.files import claim
from salience.training.loop import CHECKPOINT, MODEL, Plan, train
from salience.weights import load

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
    for name in (MODEL, CHECKPOINT):
        assert (tmp_path / name).read_bytes() == (whole / name).read_bytes(), name


def test_a_finished_training_is_not_gone_over_again(whole):
    before = (whole / MODEL).stat().st_mtime_ns
    outcome = train(*training(), PLAN, whole, None)
    assert outcome.finished
    assert (whole / MODEL).stat().st_mtime_ns == before


def test_ctrl_c_ends_after_the_step_with_model_and_checkpoint(whole, tmp_path):
    learner, task = training()

    def interrupted(learner):
        if learner.step == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return task(learner)

    outcome = train(learner, interrupted, PLAN, tmp_path, None)
    assert (outcome.steps, outcome.finished) == (3, False)
    assert load(tmp_path / MODEL).digest()
    assert train(*training(), PLAN, tmp_path, None).finished
    assert (tmp_path / MODEL).read_bytes() == (whole / MODEL).read_bytes()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_pressed_twice_it_ends_at_once(tmp_path):
    def interrupted(_):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError  # not reached

    with pytest.raises(KeyboardInterrupt):
        train(training()[0], interrupted, PLAN, tmp_path, None)


def test_the_model_is_the_best_by_its_dev_scores(tmp_path):
    models, dev = [], iter([0.3, 0.9, 0.5, 0.9])

    def judge(weights):
        models.append(weights.digest())
        return {"sts": next(dev), "other": 0.1}

    outcome = train(*training(), PLAN, tmp_path, judge)
    assert (outcome.best, outcome.scores) == (4, {"sts": 0.9, "other": 0.1})
    assert load(tmp_path / MODEL).digest() == models[1]


def test_the_best_is_remembered_by_a_training_that_goes_on(tmp_path):
    dev = iter([0.9, 0.3, 0.5, 0.4])

    def judge(_):
        return {"sts": next(dev)}

    learner, task = training()
    with pytest.raises(KilledError):
        train(learner, killed_at(task, 5), PLAN, tmp_path, judge)
    best = (tmp_path / MODEL).read_bytes()
    assert train(*training(), PLAN, tmp_path, judge).best == 2
    assert (tmp_path / MODEL).read_bytes() == best


def test_a_checkpoint_of_another_student_is_refused(whole):
    learner, task = training()
    learner.beside["sentences"] = np.zeros((3, 8), np.float32)
    before = learner.student.table.table.copy()
    with pytest.raises(WeightsError, match=r"expected 1/sentences of shape \(3, 8\), found \(12"):
        train(learner, task, PLAN, whole, None)
    np.testing.assert_array_equal(learner.student.table.table, before)


def test_a_folder_is_of_one_plan(tmp_path):
    claim(tmp_path / "new", {"seed": 1, "texts": ("a", 2)})
    claim(tmp_path / "new", {"seed": 1, "texts": ("a", 2)})
    with pytest.raises(WeightsError, match="there, seed is 1, and now 2: repeat what it was begun"):
        claim(tmp_path / "new", {"seed": 2, "texts": ("a", 2)})
