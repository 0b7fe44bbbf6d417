"""Whose attributes `doc._` has, in a process that has other people's too."""

import importlib
import pickle
import subprocess
import sys

import pytest
import spacy
from spacy.tokens import Doc, Token
from spacy.tokens.underscore import Underscore

from salience.errors import PipelineError
from spacy_salience import attach, explain, register, similarity
from spacy_salience.annotations import register as registry

from ..component.test_serialise import restored
from ..conftest import pipeline

NAMES = ["salience", "salience_vector", "attention", "salience_top", "salience_stamp"]


@pytest.fixture
def free():
    """A process in which nobody has registered anything."""
    kept = Underscore.get_state()
    Underscore.load_state(({}, {}, {}))
    yield
    Underscore.load_state(kept)


def registered():
    return [name for name in NAMES if Doc.has_extension(name)]


@pytest.mark.parametrize(
    "first",
    ["import spacy_salience", "import spacy_salience.factory",
     "import spacy_salience.component.component", "nlp('a cat')", "nlp.add_pipe('sentencizer')"],
)  # fmt: skip
def test_who_makes_no_component_has_none_of_the_names(first):
    code = (
        f"import spacy; nlp = spacy.blank('en'); {first}\n"
        "from spacy.tokens import Doc, Token\n"
        f"print([n for n in {NAMES} if Doc.has_extension(n)], Token.has_extension('salience'))\n"
        "Doc.set_extension('attention', default=7)\n"
        "print(nlp('a')._.attention)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[] False", "7"]


def test_the_first_component_registers_them_and_others_change_nothing(free, model_file):
    pipeline(model_file)
    assert registered() == NAMES
    assert Token.has_extension("salience")
    before = Underscore.get_state()
    pipeline(model_file)
    register()
    assert Underscore.get_state() == before


def test_what_a_worker_unpickles_and_a_reloaded_module_are_ours(free, model_file):
    nlp = pipeline(model_file)
    Underscore.load_state(pickle.loads(pickle.dumps(Underscore.get_state())))
    registry.register()
    importlib.reload(registry).register()
    assert len(pipeline(model_file)("a cat")._.salience) == 2
    assert len(nlp("a cat")._.salience) == 2


def test_a_component_that_comes_by_pickle_registers_them(free, model_file):
    content = pickle.dumps(pipeline(model_file).get_pipe("salience"))
    Underscore.load_state(({}, {}, {}))
    component = pickle.loads(content)
    assert registered() == NAMES
    assert len(component(spacy.blank("en")("a cat"))._.salience) == 2


@pytest.mark.filterwarnings("ignore:.*W109.*")
@pytest.mark.parametrize("way", ["to_bytes", "docbin"])
def test_readers_need_no_registry_and_attach_brings_it(free, model_file, way):
    nlp = pipeline(model_file)
    doc, other = nlp("the cat sat"), nlp("a dog")
    back = restored(nlp, doc, way)
    Underscore.load_state(({}, {}, {}))
    assert similarity(back, other) == doc.similarity(other)
    assert back.similarity(other) == doc.similarity(other)
    if way == "to_bytes":
        assert explain(back, other).score == doc.similarity(other)
    assert not registered()
    assert attach(back)._.salience.shape == (3,)
    assert registered() == NAMES


TAKEN = {
    "a default": (Doc, "attention", {"default": 3}, "default 3"),
    "of no default": (Doc, "salience", {"default": None}, "default None"),
    "a getter": (Doc, "salience_vector", {"getter": len}, "a function of builtins"),
    "a method": (Doc, "salience_top", {"method": lambda doc: 1}, "a function of tests"),
    "a token's": (Token, "salience", {"getter": lambda token: 1}, "a function of tests"),
}


@pytest.mark.parametrize("what", TAKEN)
def test_a_taken_name_is_refused_by_name_before_anything_changes(free, model_file, what):
    kind, name, how, found = TAKEN[what]
    kind.set_extension(name, **how)
    before = [dict(part) for part in Underscore.get_state()]
    with pytest.raises(PipelineError) as it:
        pipeline(model_file)
    said = str(it.value)
    assert said.startswith(f"{kind.__name__.lower()}._.{name}: expected a name that is free")
    assert found in said
    assert f"{kind.__name__}.remove_extension('{name}')" in said
    assert list(Underscore.get_state()) == before
    exec(said[said.index(f"{kind.__name__}.remove") :])
    assert len(pipeline(model_file)("a cat")._.salience) == 2


def test_theirs_does_not_stand_in_for_ours(free, model_file):
    nlp = pipeline(model_file)
    doc, other = nlp("the cat"), nlp("a dog")
    want = doc.similarity(other)
    Doc.set_extension("attention", default=3, force=True)
    doc._.attention = 5
    assert doc.similarity(other) == want
    Doc.set_extension("salience_vector", default=3, force=True)
    for value in (5, "warm", ["warm"], [[1.0]], {"a": 1}):
        doc._.salience_vector = value
        with pytest.raises(ValueError, match=r"^doc\._\.salience_vector: expected an array or a l"):
            doc.similarity(other)
