"""What is evaluated: a name, and what turns texts into vectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from salience.types import Floats

from ..annotations.similarity import vector_of
from ..component.pipelines import component_of, pipeline
from ..models.served import Served, served, weights_of
from .token_vectors import CONTEXTUAL, EncodeWords, Words
from .vectors import Encode


@dataclass(frozen=True)
class Model:
    """A model or a peer.

    encode: texts to document vectors [n, D]; nlp: its pipeline, where it is one
    of ours; about: what a reader needs to have the same, as versions; kinds: sentences,
    as words, to token vectors, by the kind of these.
    """

    name: str
    encode: Encode
    nlp: Language | None = None
    about: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, EncodeWords] = field(default_factory=dict)


def model_of(name: str, lang: str | None = None) -> Model:
    """Return an embedded model, one of a .safetensors file, or a pipeline with the component.

    Its document vectors are doc._.salience_vector. Texts are read as of the
    language lang, by default the model's.

    Raises RangeError where there is none of this name, or lang is none for it.
    """
    nlp = pipeline(name, lang)
    component = component_of(nlp)
    about = {name: metadata.version(name) for name in ("salience", "spacy")}
    about["language"] = str(nlp.lang)
    about["sha256"] = weights_of(component.model).digest()

    def encode(texts: Sequence[str]) -> Floats:
        return np.stack([vector_of(doc) for doc in nlp.pipe(texts)])

    return Model(name, encode, nlp, about, kinds_of(served(component.model), nlp))


def kinds_of(encoder: Served, nlp: Language) -> dict[str, EncodeWords]:
    """Return what encodes sentences, given as words, to token vectors, and to their static rows."""

    def docs(sentences: Sequence[Words]) -> list[Doc]:
        return [Doc(nlp.vocab, words=list(sentence)) for sentence in sentences]

    def contextual(sentences: Sequence[Words]) -> Floats:
        return np.concatenate([each.vectors for each in encoder.encode(docs(sentences))])

    def static(sentences: Sequence[Words]) -> Floats:
        return encoder.embeddings(docs(sentences))

    return {CONTEXTUAL: contextual, "static rows": static}
