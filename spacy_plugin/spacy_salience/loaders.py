"""Callbacks for [initialize] in spaCy's configs: where training may start from."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.vectors import Vectors

from salience.errors import WeightsError

Callback = Callable[[Language], Language]


def make_load_vectors(pretrained: str = "en_small") -> Callback:
    """Make "salience.load_vectors.v1": the words of a salience model become nlp.vocab's vectors.

    For initialize.before_init. Every component that reads static vectors then
    has them, and so has words = "vectors".

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
        # By NORM, as the component looks them up: a capital does not hide a word.
        nlp.vocab.vectors = Vectors(
            strings=nlp.vocab.strings, data=data, keys=known, name=pretrained, attr="NORM"
        )
        return nlp

    return load_vectors


def make_load_encoder(path: str, component: str = "salience") -> Callback:
    """Make "salience.load_encoder.v1": a component starts as a saved pipeline has it.

    For initialize.after_init. The component must be built alike.

    Args:
        path: the folder of a saved pipeline.
        component: its component's name, and that of the pipeline in training.
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
