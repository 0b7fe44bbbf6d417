"""Peers; stand-ins for packages that the tests do not install."""

import sys

import numpy as np
import pytest
import spacy

from salience.errors import MissingPackageError, RangeError
from spacy_salience.evaluation import peer_of

from .conftest import letters

WORDLLAMA = """
from pathlib import Path
import numpy as np

class WordLlama:
    @classmethod
    def load(cls, cache_dir, disable_download):
        assert cache_dir == Path(__file__).parent and disable_download
        return cls()

    def embed(self, texts):
        assert isinstance(texts, list)
        return np.array([[len(text), 1] for text in texts], np.float32)
"""

SENTENCE_TRANSFORMERS = """
import numpy as np

class SentenceTransformer:
    def __init__(self, folder, device, local_files_only):
        assert local_files_only
        self.folder = folder

    def encode(self, texts, batch_size):
        return np.array([[len(text), len(self.folder)] for text in texts], np.float32)
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Install a package of one file, with its version."""

    def install(name, code):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(code)
        about = tmp_path / f"{name}-7.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 7\n")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, name, raising=False)

    yield install
    for name in ("wordllama", "sentence_transformers"):
        if str(tmp_path) in str(getattr(sys.modules.get(name), "__file__", "")):
            del sys.modules[name]


def test_wordllama_is_loaded_from_its_own_folder(package):
    package("wordllama", WORDLLAMA)
    peer = peer_of("wordllama")
    assert (peer.name, peer.about, peer.nlp) == ("wordllama", {"wordllama": "7"}, None)
    np.testing.assert_array_equal(peer.encode(("ab", "c")), [[2, 1], [1, 1]])


def test_sentence_transformers_are_loaded_from_a_folder(package, tmp_path):
    package("sentence_transformers", SENTENCE_TRANSFORMERS)
    peer = peer_of(f"sentence-transformers:{tmp_path}")
    assert peer.about == {"sentence-transformers": "7"}
    np.testing.assert_array_equal(peer.encode(["ab"]), [[2, len(str(tmp_path))]])


def test_a_spacy_pipeline_gives_its_own_vectors(tmp_path):
    nlp = spacy.blank("en")
    for letter in "abc":
        nlp.vocab.set_vector(letter, letters([letter])[0])
    nlp.to_disk(tmp_path / "vectors")
    peer = peer_of(f"spacy:{tmp_path / 'vectors'}")
    np.testing.assert_allclose(peer.encode(["a b", "c"]), letters(["ab", "c"]) / [[2], [1]])
    assert peer.about == {"spacy": spacy.__version__}


@pytest.mark.parametrize(
    "given", ["", "glove", "wordllama:x", "spacy", "spacy:", "spacy_salience:x"]
)
def test_an_unknown_peer_is_refused(given):
    with pytest.raises(RangeError, match=r"^evaluate: expected --peer wordllama, .* got '"):
        peer_of(given)


@pytest.mark.parametrize("given", ["spacy:/no/such/folder", "spacy:no_such_pipeline"])
def test_a_missing_pipeline_is_named(given):
    with pytest.raises(RangeError, match="the folder or name of a spaCy pipeline, got"):
        peer_of(given)


def test_a_missing_package_is_named(monkeypatch, tmp_path):
    for name in ("wordllama", "sentence_transformers"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(
        MissingPackageError, match=r"package wordllama, .* run pip install wordllama$"
    ):
        peer_of("wordllama")
    with pytest.raises(MissingPackageError, match=r"run pip install 'salience\[distil\]'$"):
        peer_of(f"sentence-transformers:{tmp_path}")
    with pytest.raises(RangeError, match="expected a folder of a sentence-transformers model"):
        peer_of("sentence-transformers:/no/such/folder")
