import numpy as np
import pytest

from salience.encoder.encoder import Encoder
from salience.errors import RangeError, WeightsError
from salience.model import pretrained
from salience.model.weights import save
from salience.ops import cosine_pairs
from salience.testing import random_weights
from salience.types import Ragged

models = pytest.mark.parametrize("name", pretrained.names())


def document(encoder, *words):
    bags = [encoder.vocabulary.bag(word) for word in words]
    starts = np.cumsum([0, *map(len, bags)])
    return encoder.encode(Ragged(np.concatenate(bags), starts), np.array([0, len(words)])).documents


def test_three_models_come_with_the_package():
    assert pretrained.names() == ["en_base", "en_small", "zh_small"]


@models
def test_a_model_makes_an_encoder_that_is_read_once(name):
    assert pretrained.load(name) is pretrained.load(name)
    encoder = Encoder(pretrained.load(name))
    assert np.isfinite(document(encoder, "the", "cat", "sat", "zzxxqq", " ")).all()


@pytest.mark.parametrize(
    ("word", "near", "far"),
    [("doctor", "nurse", "guitar"), ("king", "queen", "carrot"), ("running", "walking", "purple")],
)
@pytest.mark.parametrize("name", ["en_base", "en_small"])
def test_similar_words_are_similar(name, word, near, far):
    encoder = Encoder(pretrained.load(name))
    one, two, three = (document(encoder, text) for text in (word, near, far))
    assert cosine_pairs(one, two) > cosine_pairs(one, three)


@pytest.mark.parametrize("name", ["", "en_large", "../en_small", "model.bin"])
def test_an_unknown_name_is_refused_and_the_known_are_named(name):
    with pytest.raises(RangeError, match=r"^pretrained: expected one of .*en_small") as caught:
        pretrained.load(name)
    assert repr(name) in str(caught.value)


def test_a_path_loads_any_file_of_weights(tmp_path):
    weights = random_weights(["the"])
    save(weights, tmp_path / "m.safetensors")
    assert pretrained.load(str(tmp_path / "m.safetensors")).digest() == weights.digest()


def test_a_file_that_is_not_there_is_named(tmp_path):
    path = str(tmp_path / "none.safetensors")
    with pytest.raises(WeightsError, match=path):
        pretrained.load(path)


def test_a_path_is_read_again_when_its_file_was_written_again(tmp_path):
    path = tmp_path / "m.safetensors"
    for seed in (0, 1):
        weights = random_weights(["the"], seed=seed)
        save(weights, path)
        assert pretrained.load(str(path)).digest() == weights.digest()
