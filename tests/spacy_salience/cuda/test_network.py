"""salience.Encoder.v1 on a GPU: it says what it says on the CPU."""

import pytest
import spacy
from thinc.api import SGD

from salience.errors import WeightsError
from spacy_salience.models.served import served

from ...salience.cuda.test_context_encoder import refuse_threads
from ..models.test_network import VARIANTS, docs_of, network_pipeline
from .conftest import close, on_cpu

TEXTS = ["the cat sat", "", "Unheard of"]


def pair(model_file, variant):
    """A pipeline on the GPU, and the same on the CPU."""
    nlp, twin = (on_cpu(network_pipeline, model_file, variant) for _ in range(2))
    nlp.get_pipe("salience").model.to_gpu(0)
    return nlp, twin


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_doc_is_given_what_it_is_given_on_the_cpu(prefer_gpu, model_file, variant):
    nlp, twin = pair(model_file, variant)
    nlp.vocab.vectors.to_ops(prefer_gpu)
    for doc, want in zip(nlp.pipe(TEXTS), twin.pipe(TEXTS), strict=True):
        close(doc.tensor, want.tensor)
        for name in ("salience", "attention", "salience_vector"):
            close(doc._.get(name), want._.get(name))
    close(*(each.get_pipe("salience").attention(each.make_doc("cat sat")) for each in (nlp, twin)))


def test_a_batch_is_computed_by_the_layers_on_the_caller_s_thread(
    prefer_gpu, model_file, monkeypatch
):
    refuse_threads(monkeypatch)
    nlp, _ = pair(model_file, "plain")
    encoder = served(nlp.get_pipe("salience").model).encoder
    monkeypatch.setattr(type(encoder), "encode_chunks", lambda *given: pytest.fail("not there"))
    assert [len(each) for each in nlp.get_pipe("salience").model.predict(docs_of(nlp, TEXTS))]


@pytest.mark.parametrize("learns", ["blocks", "all"])
def test_a_pretrained_start_is_given_what_it_is_given_on_the_cpu(prefer_gpu, model_file, learns):
    def trained(move):
        nlp = spacy.blank("en")
        model = {"@architectures": "salience.Encoder.v2", "pretrained": str(model_file),
                 "learns": learns, "attrs": ["NORM"], "rows": [20]}  # fmt: skip
        model = nlp.add_pipe("salience", config={"model": model}).model
        nlp.initialize()
        if move:
            model.to_gpu(0)
        for _ in range(2):
            vectors, backprop = model.begin_update(docs_of(nlp, [*TEXTS, "a  b --- ---"]))
            backprop(vectors)
            model.finish_update(SGD(0.01))
        return nlp

    nlp, twin = trained(True), on_cpu(trained, False)
    for doc, want in zip(nlp.pipe(TEXTS), twin.pipe(TEXTS), strict=True):
        for name in ("salience", "attention", "salience_vector"):
            close(doc._.get(name), want._.get(name), 1e-4)
        close(doc.tensor, want.tensor, 1e-4)


@pytest.mark.parametrize("texts", [[], [""], ["", "cat"]])
def test_vectors_are_the_ops_arrays(prefer_gpu, model_file, texts):
    nlp, _ = pair(model_file, "no attention")
    model, docs = nlp.get_pipe("salience").model, docs_of(nlp, texts)
    trained, backprop = model.begin_update(docs)
    assert backprop(trained) == []
    for vectors in (model.predict(docs), trained):
        assert all(isinstance(each, prefer_gpu.xp.ndarray) for each in vectors)
        assert [each.shape for each in vectors] == [(len(doc), 8) for doc in docs]


def test_what_was_saved_on_the_cpu_is_loaded_on_the_gpu_and_back(prefer_gpu, model_file):
    nlp, twin = pair(model_file, "file")
    saved = twin.get_pipe("salience").to_bytes()
    component = nlp.get_pipe("salience")
    for node in component.model.walk():
        for name in node.param_names:
            node.set_param(name, 0 * node.get_param(name))
    component.from_bytes(saved)
    want = twin("the cat").tensor
    close(nlp("the cat").tensor, want)
    twin.get_pipe("salience").from_bytes(component.to_bytes())
    close(twin("the cat").tensor, want, 0)


def test_what_is_no_number_is_refused_from_a_file_too(prefer_gpu, model_file):
    nlp, twin = pair(model_file, "plain")
    node = twin.get_pipe("salience").model.layers[1].layers[1].layers[0]
    node.set_param("b", node.get_param("b") + float("nan"))
    with pytest.raises(WeightsError, match=r"cannot load these bytes: .*input_bias .* not finite"):
        nlp.get_pipe("salience").from_bytes(twin.get_pipe("salience").to_bytes())
