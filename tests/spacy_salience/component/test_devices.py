"""Where the component computes, on a machine that may have no GPU."""

import logging
import os

import pytest
import spacy

from salience.cuda import faults
from salience.errors import DeviceError, DeviceLostError, DeviceMemoryError, RangeError
from spacy_salience.component import devices

from ...salience.helpers import run_python

TEXT = "Ice closed the port."


@pytest.fixture(autouse=True)
def untold(monkeypatch):
    monkeypatch.setattr(devices._State, "told", False)


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(faults._State, "owner", None)
    monkeypatch.setattr(faults, "why_not", lambda: "there is none; look for it")


def blank(device):
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"device": device})
    return nlp


def test_auto_says_once_what_it_chose_and_why(no_gpu, caplog):
    nlp = blank("auto")
    with caplog.at_level(logging.INFO, logger="salience"):
        assert nlp(TEXT).tensor.shape == blank("cpu")(TEXT).tensor.shape
        nlp(TEXT)
        blank("auto")(TEXT)
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "device='auto': computing on the CPU, as no GPU can be used: there is none; look for it"
    ]
    assert TEXT not in caplog.text


def test_cuda_without_a_gpu_is_refused_by_the_first_document_and_not_before(no_gpu):
    nlp = blank("cuda")
    for process in (nlp, lambda text: list(nlp.pipe([text]))):
        with pytest.raises(DeviceError, match="expected a GPU that can be used, but there is none"):
            process(TEXT)


def test_a_gpu_s_failure_goes_to_no_error_handler(no_gpu):
    nlp, failed = blank("cuda"), []
    nlp.set_error_handler(lambda name, pipe, docs, error: failed.append(error))
    with pytest.raises(DeviceError):
        list(nlp.pipe([TEXT]))
    assert not failed


@pytest.mark.parametrize("error", [DeviceError, DeviceMemoryError, DeviceLostError])
def test_a_gpu_that_fails_while_documents_go_one_by_one_loses_none(monkeypatch, error):
    """A document fails, the batch goes one by one, and then the GPU fails."""
    nlp, failed = blank("cpu"), []
    pipe = nlp.get_pipe("salience")
    predict = pipe.predict

    def failing(docs):
        if len(docs) > 1:
            raise ValueError("a document of the batch")
        if docs[0].text == "Snow.":
            raise error("the GPU")
        return predict(docs)

    monkeypatch.setattr(pipe, "predict", failing)
    nlp.set_error_handler(lambda name, pipe, docs, error: failed.append(error))
    with pytest.raises(error, match="the GPU"):
        list(nlp.pipe(["Ice.", "Snow.", "Rain."]))
    assert not failed


def test_a_lost_gpu_never_means_the_cpu(monkeypatch):
    monkeypatch.setattr(faults._State, "owner", os.getpid())
    monkeypatch.setattr(faults._State, "lost", "CUDA_ERROR_LAUNCH_FAILED")
    with pytest.raises(DeviceLostError, match="CUDA_ERROR_LAUNCH_FAILED"):
        blank("auto")(TEXT)


def test_refuses_another_device():
    with pytest.raises(RangeError, match="salience: device must be one of cpu, cuda, auto; got"):
        blank("gpu")


def test_an_encoder_that_learns_computes_where_thinc_does():
    nlp = spacy.blank("en")
    model = {"@architectures": "salience.Encoder.v1"}
    with pytest.raises(RangeError, match=r"an encoder that learns, got 'cuda'.*require_gpu\(\)"):
        nlp.add_pipe("salience", config={"model": model, "device": "cuda"})


def test_the_device_is_kept_with_the_pipeline(tmp_path):
    blank("auto").to_disk(tmp_path)
    nlp = spacy.load(tmp_path)
    assert nlp.get_pipe("salience").device == "auto"
    assert nlp.config["components"]["salience"]["device"] == "auto"


def test_workers_are_refused_before_spacy_forks_and_only_where_it_would_fail():
    script = """
import multiprocessing, os
multiprocessing.set_start_method("fork")
import spacy
from salience.cuda import faults
from salience.errors import DeviceError
from spacy_salience.component import devices
faults.why_not = lambda: None
def pipeline(device):
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"device": device})
    return nlp
nlp, plain = pipeline("cuda"), pipeline("cpu")
plain("Ice.")  # compiles
assert devices.resolve("cuda") == "cuda"
faults._State.owner = os.getpid()
try:
    list(nlp.pipe(["Ice.", "Snow."], n_process=2))
except DeviceError as error:
    print(error)
print(len(list(plain.pipe(["Ice.", "Snow."], n_process=2))))
child = os.fork()
if not child:
    os._exit(0)
print(os.waitpid(child, 0)[1])
"""
    refusal, documents, status = run_python(script).splitlines()
    assert refusal.startswith("nlp.pipe: expected n_process=1 where salience uses the GPU already")
    assert "set_start_method('spawn')" in refusal
    assert (documents, status) == ("2", "0")
