"""The pipeline of a run: loading it, in each process, and the digests of all that it is."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from spacy.about import __version__
from spacy.language import Language
from spacy.util import import_file

from salience.errors import RangeError

from ..component.component import Salience
from ..component.pipelines import chosen, pipeline
from ..models.served import weights_of
from .inputs import sha256_of

PYCACHE = "__pycache__"
"""Folders of compiled Python, which are no content of a pipeline."""


class Named(NamedTuple):
    """A pipeline by the names that a command is given; `code` is a file of Python.

    sentences: whether a pipeline that is read from no folder gets spaCy's sentencizer.
    """

    pipeline: str | None = None
    lang: str | None = None
    code: str | None = None
    sentences: bool = False


def load(named: Named) -> Language:
    """Return the pipeline; a blank one with salience where none is named.

    Raises RangeError where nothing has this name, it is for another language than `lang`, or
    there is no such file of code, or it raises an error.
    """
    if named.code is not None:
        _import(named.code)
    nlp = pipeline(named.pipeline, named.lang, needed=False)
    if named.sentences and nlp.path is None:
        nlp.add_pipe("sentencizer", first=True)
    return nlp


def described(nlp: Language, named: Named) -> dict[str, Any]:
    """Return what a manifest says of a pipeline.

    These are its name and language; the SHA-256 of its settings, files and code, and of
    spaCy's version; and the digests of its components' models.
    """
    models = {name: weights_of(component.model) for name, component in nlp.pipeline
              if isinstance(component, Salience)}  # fmt: skip
    return {
        "name": chosen(named.pipeline, named.lang),
        "lang": nlp.lang,
        "code": named.code,
        "sha256": _digest(nlp, named),
        "models": {name: each.checked or each.digest() for name, each in models.items()},
    }


def _import(code: str) -> None:
    try:
        import_file("python_code", code)
    except Exception as error:
        raise RangeError(
            f"code: expected a file of Python that can be imported, got {code}, which raises "
            f"{type(error).__name__}: {error!s:.200}"
        ) from error


def _digest(nlp: Language, named: Named) -> str:
    total = hashlib.sha256(f"{__version__}\n{nlp.config.to_str()}".encode())
    for path in _files(nlp.path):
        total.update(f"{path.relative_to(nlp.path)} {sha256_of(path)}\n".encode())
    if named.code is not None:
        total.update(sha256_of(Path(named.code)).encode())
    return total.hexdigest()


def _files(folder: Path | None) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")) if folder else ():
        if path.is_file() and PYCACHE not in path.parts:
            yield path
