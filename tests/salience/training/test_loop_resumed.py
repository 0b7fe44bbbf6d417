"""A checkpoint that is damaged, or of another training, is named, and nothing changes."""

import numpy as np
import pytest

from salience.errors import WeightsError
from salience.model.weights import MODEL_FILE, Weights, load, save
from salience.testing import random_weights
from salience.training.folders import PLAN as CLAIM
from salience.training.loop import CHECKPOINT, Plan, train

from .toys import training

PLAN = Plan(steps=4, every=2)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / CLAIM).write_text("{}")
    train(*training(), Plan(steps=4, every=2), tmp_path, None)
    return tmp_path


def refused(folder, match=""):
    files = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    learner, task = training()
    before = {name: array.copy() for name, array in learner.state().items()}
    with pytest.raises(WeightsError, match=rf"checkpoint\.safetensors: .*{match}"):
        train(learner, task, PLAN, folder, None)
    for name, array in learner.state().items():
        np.testing.assert_array_equal(array, before[name])
    assert learner.step == 0
    assert files == {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}


SETTINGS = [
    {}, {"step": "2"}, {"step": -1}, {"step": 5}, {"step": True}, {"step": 2.0}, {"step": None},
    {"best": 3, "step": 2}, {"best": "x"}, {"scores": None}, {"scores": [1]},
    {"scores": {"a": "b"}}, {"scores": {"a": None}}, {"plan": "another"}, {"plan": 5},
]  # fmt: skip


@pytest.mark.parametrize("changes", SETTINGS, ids=str)
def test_settings_of_no_checkpoint(folder, changes):
    found = load(folder / CHECKPOINT)
    save(
        Weights(found.tensors, {**found.settings, **changes} if changes else {}),
        folder / CHECKPOINT,
    )
    refused(folder)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("0/w", np.zeros(3, np.float32)),
        ("moment 1", np.zeros(3, np.float32)),
        ("moment x/y/z", np.zeros(3, np.float32)),
        ("moment 1/9/w", np.zeros(3, np.float32)),
        ("moment 1/1/sentences", np.zeros(3, np.float32)),
        ("2/table", np.zeros((1, 1), np.float32)),
        ("2/table", None),
        ("moment 1/2/table", None),
        ("2/logits", "integers"),
    ],
)
def test_arrays_of_another_training(folder, name, array):
    found = load(folder / CHECKPOINT)
    tensors = {key: value for key, value in found.tensors.items() if key != name}
    if isinstance(array, str):
        array = found.tensors[name].astype(np.int64)
    save(
        Weights(tensors if array is None else {**tensors, name: array}, found.settings),
        folder / CHECKPOINT,
    )
    refused(folder, "checkpoint: expected ")


def test_a_model_in_its_place(folder):
    (folder / CHECKPOINT).write_bytes((folder / MODEL_FILE).read_bytes())
    refused(folder, "expected a checkpoint of a training of 4 steps, found another")
    save(random_weights(["the"]), folder / CHECKPOINT)
    refused(folder)


def test_one_of_another_folder(folder):
    (folder / CLAIM).write_text('{"training": {}}')
    refused(folder, "expected a checkpoint of this folder's plan, found another's")


@pytest.mark.parametrize("content", [b"", b"junk", b"\0" * 99])
def test_what_is_no_file_of_weights(folder, content):
    (folder / CHECKPOINT).write_bytes(content)
    refused(folder)


def test_every_flipped_bit_of_some(folder):
    content = (folder / CHECKPOINT).read_bytes()
    for place in range(0, len(content), len(content) // 20):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        (folder / CHECKPOINT).write_bytes(changed)
        refused(folder)


def test_one_of_before_which_states_no_plan_is_gone_on_with(folder):
    found = load(folder / CHECKPOINT)
    settings = {name: found.settings[name] for name in ("step", "best", "scores")}
    save(Weights(found.tensors, settings), folder / CHECKPOINT)
    assert train(*training(), PLAN, folder, None).finished
