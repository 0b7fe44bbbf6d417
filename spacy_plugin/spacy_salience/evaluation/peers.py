"""Other people's models beside ours, where they are installed. None of them is downloaded."""

from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from spacy.tokens import Doc

from salience.errors import RangeError

from ..component.pipelines import installed
from ..packages import optional
from .models import Model
from .token_vectors import CONTEXTUAL, EncodeWords, Words
from .vectors import Encode


def peer_of(given: str) -> Model:
    """Return wordllama, sentence-transformers:DIR or spacy:NAME.

    Raises RangeError where it is none of these, or there is no such folder or
    pipeline, and MissingPackageError where its package is not installed.
    """
    kind, _, rest = given.partition(":")
    if kind not in PEERS or bool(rest) != (kind != "wordllama"):
        raise RangeError(
            "evaluate: expected --peer wordllama, sentence-transformers:DIR or spacy:NAME, "
            f"got {given!r}"
        )
    kinds = {CONTEXTUAL: spacy_tokens(rest)} if kind == "spacy" else {}
    return Model(given, PEERS[kind](rest), about={kind: metadata.version(kind)}, kinds=kinds)


def wordllama(_: str = "") -> Encode:
    """Return the static vectors that come with the package wordllama."""
    package = optional("wordllama", "evaluate: --peer wordllama", "pip install wordllama")
    # Its plain load() looks for the tokenizer in the network.
    folder = Path(package.__file__).parent
    model = package.WordLlama.load(cache_dir=folder, disable_download=True)
    return lambda texts: model.embed(list(texts))


def sentence_transformer(folder: str) -> Encode:
    """Return what a sentence-transformers model encodes, which lies in a folder."""
    if not Path(folder).is_dir():
        raise RangeError(f"expected a folder of a sentence-transformers model, got {folder!r}")
    package = optional(
        "sentence_transformers", "a folder of such a model", "pip install 'salience[distil]'"
    )
    model = package.SentenceTransformer(folder, device="cpu", local_files_only=True)
    return lambda texts: np.asarray(model.encode(list(texts), batch_size=512))


def spacy_pipeline(name: str) -> Encode:
    """Return doc.vector of a spaCy pipeline."""
    nlp = installed(name)

    def encode(texts: Sequence[str]) -> Any:
        return np.stack([np.asarray(doc.vector) for doc in nlp.pipe(texts)])

    return encode


def spacy_tokens(name: str) -> EncodeWords:
    """Return token.vector of a spaCy pipeline, for sentences that are given as words."""
    nlp = installed(name)

    def encode(sentences: Sequence[Words]) -> Any:
        docs = nlp.pipe(Doc(nlp.vocab, words=list(sentence)) for sentence in sentences)
        return np.stack([np.asarray(token.vector) for doc in docs for token in doc])

    return encode


PEERS: dict[str, Callable[[str], Encode]] = {
    "wordllama": wordllama,
    "sentence-transformers": sentence_transformer,
    "spacy": spacy_pipeline,
}
