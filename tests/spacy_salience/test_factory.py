"""What installing and importing the plugin costs those who do not use it."""

import subprocess
import sys

import pytest
import spacy

from salience.errors import LanguageWarning
from salience.model import pretrained
from spacy_salience.models.served import weights_of


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.split()


def test_a_blank_pipeline_imports_neither_numba_nor_kernels():
    code = (
        "import sys, spacy; nlp = spacy.blank('en'); nlp('a cat');"
        "print([m for m in sys.modules if m == 'numba' or m.startswith('salience.ops')])"
    )
    assert run(code) == ["[]"]


def test_import_compiles_nothing_and_leaves_the_environment_alone():
    code = (
        "import os, socket, sys\n"
        "before = dict(os.environ)\n"
        "def refuse(*args, **kwargs): raise AssertionError('a socket was opened')\n"
        "socket.socket.__init__ = refuse\n"
        "import spacy, spacy_salience.component.component, salience.encoder.encoder\n"
        "nlp = spacy.blank('en'); nlp.add_pipe('salience')\n"
        "from salience.cpu.jit import Kernel\n"
        "import gc\n"
        "kernels = [k for k in gc.get_objects() if isinstance(k, Kernel)]\n"
        "print(len(kernels) > 5, any(k._compiled for k in kernels), 'torch' in sys.modules,"
        " dict(os.environ) == before)\n"
    )
    assert run(code) == ["True", "False", "False", "True"]


def test_the_factory_says_what_it_assigns():
    nlp = spacy.blank("en")
    nlp.add_pipe("salience")
    assigned = nlp.analyze_pipes()["summary"]["salience"]["assigns"]
    assert {"doc.tensor", "doc._.salience", "token._.salience"} <= set(assigned)


def test_an_unknown_model_is_refused_with_the_known_names():
    nlp = spacy.blank("en")
    with pytest.raises(ValueError, match=r"en_small.*got 'en_huge'"):
        nlp.add_pipe("salience", config={"model": {"pretrained": "en_huge"}})


@pytest.mark.parametrize(
    ("lang", "name"), [("en", "en_small"), ("zh", "zh_small"), ("xx", "en_small")]
)
def test_a_pipeline_has_the_model_of_its_language(lang, name, tmp_path):
    nlp = spacy.blank(lang)
    component = nlp.add_pipe("salience")
    assert weights_of(component.model).digest() == pretrained.load(name).digest()
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    assert weights_of(again.get_pipe("salience").model).digest() == pretrained.load(name).digest()


def test_a_language_without_a_model_is_told_so():
    nlp = spacy.blank("de")
    with pytest.warns(LanguageWarning, match="expected texts read as 'en'.*got 'de'"):
        nlp.add_pipe("salience")


def test_a_named_model_is_that_of_any_language():
    nlp = spacy.blank("zh")
    with pytest.warns(LanguageWarning):
        component = nlp.add_pipe("salience", config={"model": {"pretrained": "en_small"}})
    assert weights_of(component.model).language == "en"
