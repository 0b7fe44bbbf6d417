"""Components that listen to an encoder on a GPU, and learn with it."""

import numpy as np
from thinc.api import Adam, fix_random_seed

from spacy_salience import reasons
from spacy_salience.listeners.listen import placed

from ..models.test_network_training import LISTENER, examples_for, tagger
from .conftest import close, moved_to_cpu, on_cpu, pipeline

ENCODER = {
    "@architectures": "salience.Encoder.v1", "width": 8, "rank": 3, "words": None,
    "attrs": ["NORM"], "rows": [50],
}  # fmt: skip
POOLED = {
    "@architectures": "salience.Pooled.v1", "exclusive_classes": True, "tok2vec": LISTENER
}  # fmt: skip
TEXT = "the cat was in Rome"


def trained(model, *tasks, steps=3):
    """A pipeline that was trained for some steps, and each task's losses."""
    nlp = pipeline(model, *tasks)
    examples = examples_for(nlp)[:2]
    fix_random_seed(0)
    nlp.initialize(lambda: examples)
    optimizer = Adam(0.02)
    history = [nlp.update(examples, sgd=optimizer) for _ in range(steps)]
    return nlp, [[losses[name] for losses in history] for name, _ in tasks]


def test_a_tagger_learns_and_predicts_alike(prefer_gpu):
    nlp, losses = trained(ENCODER, ("tagger", tagger(LISTENER)))
    twin, want = on_cpu(trained, ENCODER, ("tagger", tagger(LISTENER)))
    np.testing.assert_allclose(losses, want, rtol=1e-4)
    assert losses[0][-1] < losses[0][0]
    doc, expected = nlp(TEXT), twin(TEXT)
    assert type(doc.tensor) is np.ndarray
    assert [token.tag_ for token in doc] == [token.tag_ for token in expected]
    loaded = moved_to_cpu(nlp)(TEXT)
    close(doc.tensor, loaded.tensor)
    assert [token.tag_ for token in loaded] == [token.tag_ for token in expected]


def test_a_text_classifier_gives_its_reasons(prefer_gpu):
    nlp, losses = trained(ENCODER, ("textcat", {"model": POOLED}))
    assert losses[0][-1] < losses[0][0]
    twin = moved_to_cpu(nlp)
    found, want = (reasons(each.get_pipe("textcat"), each(TEXT)) for each in (nlp, twin))
    assert found.labels == want.labels
    for got, expected in zip(found[1:], want[1:], strict=True):
        close(got, expected)


def test_a_tagger_learns_from_a_frozen_encoder(prefer_gpu, model_file):
    listener = {**LISTENER, "width": 16}
    nlp, losses = trained({"pretrained": str(model_file)}, ("tagger", tagger(listener)))
    _, want = on_cpu(trained, {"pretrained": str(model_file)}, ("tagger", tagger(listener)))
    np.testing.assert_allclose(losses, want, rtol=1e-4)
    assert type(nlp(TEXT).tensor) is np.ndarray


def test_arrays_of_the_host_are_moved_and_others_left(prefer_gpu):
    there = prefer_gpu.alloc2f(2, 3)
    moved = placed(prefer_gpu, [np.ones((1, 3), np.float32), there, np.zeros((0, 3), np.float32)])
    assert moved[1] is there
    assert all(isinstance(each, prefer_gpu.xp.ndarray) for each in moved)
    assert [each.shape for each in moved] == [(1, 3), (2, 3), (0, 3)]
    assert moved[0].get().all()
