"""Callbacks for [initialize] in spaCy's configs: vectors and weights that training starts from."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.vectors import Vectors

from salience.errors import WeightsError

Callback = Callable[[Language], Language]


def make_load_vectors(pretrained: str = "en_small") -> Callback:
    """Make "salience.load_vectors.v1": put the word vectors of a salience model into nlp.vocab.

    Use it as initialize.before_init. Every component that reads static vectors then reads
    these, and so does an encoder with words = "vectors".

    Args:
        pretrained: an embedded model's name, or the path of a .safetensors file.
    """

    def load_vectors(nlp: Language) -> Language:
        from salience.model.parameters import WordTable
        from salience.model.pretrained import load

        from .models.languages import warn_of_language

        words = WordTable(load(pretrained))
        warn_of_language("load_vectors", words.language, nlp.lang)
        known = words.vocabulary.words
        data = words.table()[1 : 1 + len(known)]  # row 0 is that of blanks
        for word in known:
            nlp.vocab.strings.add(word)
        # By NORM, as the component looks words up: it finds capitalised words too.
        nlp.vocab.vectors = Vectors(
            strings=nlp.vocab.strings, data=data, keys=known, name=pretrained, attr="NORM"
        )
        return nlp

    return load_vectors


def make_load_encoder(path: str, component: str = "salience") -> Callback:
    """Make "salience.load_encoder.v1": load a component's weights from a saved pipeline.

    Use it as initialize.after_init. The component must have the settings of the saved one.

    Args:
        path: the folder of the saved pipeline.
        component: the component's name, the same in both pipelines.
    """

    def load_encoder(nlp: Language) -> Language:
        folder = Path(path) / component
        if not folder.is_dir():
            raise WeightsError(
                f"load_encoder: expected a saved component at {folder}, found none; give the "
                "folder of a pipeline that nlp.to_disk wrote, and the component's name in it"
            )
        pipe: Any = nlp.get_pipe(component)
        pipe.from_disk(folder, exclude=["vocab"])
        return nlp

    return load_encoder
