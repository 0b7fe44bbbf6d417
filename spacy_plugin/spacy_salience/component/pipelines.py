"""Finding a pipeline that has the component by the name that a command is given."""

from pathlib import Path

import spacy
from spacy.language import Language
from spacy.util import get_installed_models

from salience.errors import RangeError
from salience.model import pretrained
from salience.model.weights import Weights

from ..models.languages import DEFAULT, blank, code_of
from ..models.served import weights_of as weights_in
from .component import Salience


def chosen(model: str | None, lang: str | None) -> str:
    """Return a model's name: where none is given, that of a language's own, or of English."""
    if model is not None:
        return model
    return pretrained.name_for(code_of(DEFAULT if lang is None else lang))


def pipeline(model: str | None, lang: str | None = None, *, needed: bool = True) -> Language:
    """Return a pipeline with the component, by the name of a model or of a pipeline.

    Without one it is that of `chosen`. For an embedded model's name or a .safetensors file
    it is a blank pipeline of the language lang, or of the model's; for a folder or name of
    a spaCy pipeline, that one.

    Raises RangeError where nothing has this name, the spaCy pipeline has no component
    salience, which is allowed where it is not needed, or is for another language than
    lang, or spaCy has no such language.
    """
    model = chosen(model, lang)
    if _is_weights(model):
        nlp = blank(language_of(model) if lang is None else lang)
        nlp.add_pipe("salience", config={"model": {"pretrained": model}})
        return nlp
    nlp = installed(model)
    if needed:
        component_of(nlp)
    if lang is not None and code_of(lang) != nlp.lang:
        raise RangeError(
            f"expected no --lang, or {nlp.lang!r}, the language of the pipeline {model!r}, got "
            f"{lang!r}; give another model"
        )
    return nlp


def language_of(model: str) -> str:
    """Return the language of a model, named as for `pipeline`; "en" if it states none.

    Raises RangeError where nothing has this name.
    """
    if _is_weights(model):
        return pretrained.load(model).language or DEFAULT
    return str(installed(model).lang)


def weights_of(model: str) -> Weights:
    """Return the weights of a model, named as for `pipeline`.

    Raises RangeError where nothing has this name.
    """
    if _is_weights(model):
        return pretrained.load(model)
    return weights_in(component_of(installed(model)).model)


def _is_weights(model: str) -> bool:
    return model.endswith(".safetensors") or model in pretrained.names()


def installed(name: str) -> Language:
    """Load a spaCy pipeline from a folder, or an installed one; RangeError where there is none."""
    if not ((Path(name) / "meta.json").is_file() or name in get_installed_models()):
        raise RangeError(
            f"expected an embedded model ({', '.join(pretrained.names())}), a .safetensors file, "
            f"or the folder or name of a spaCy pipeline, got {name!r}"
        )
    return spacy.load(name)


def component_of(nlp: Language) -> Salience:
    """Return the pipeline's salience component, the last where there are several.

    Raises RangeError where it has none.
    """
    for _, component in reversed(nlp.pipeline):
        if isinstance(component, Salience):
            return component
    raise RangeError(
        "expected a pipeline with the component salience, got one of "
        f'{", ".join(nlp.pipe_names) or "no component"}; add it with nlp.add_pipe("salience"), '
        "or compare the pipeline as --peer spacy:NAME"
    )
