"""The models that come with the package."""

from functools import cache
from pathlib import Path

from ...errors import RangeError
from ..weights import MODEL_FILE, Weights
from ..weights import load as load_file

__all__ = ["DEFAULT", "file_of", "load", "name_for", "names"]

DEFAULT = "en_small"
"""The model of languages that have none of their own."""

_HERE = Path(__file__).parent


def names() -> list[str]:
    """Return the names of the embedded models."""
    return sorted(path.parent.name for path in _HERE.glob(f"*/{MODEL_FILE}"))


def name_for(language: str) -> str:
    """Return the name of a language's small model, or DEFAULT where there is none.

    language: a code of spaCy's, such as "zh".
    """
    name = f"{language}_small"
    return name if name in names() else DEFAULT


def file_of(name: str) -> Path:
    """Return the file of an embedded model."""
    return _HERE / name / MODEL_FILE


def load(name: str) -> Weights:
    """Load an embedded model by its name, or any model by the path of its file.

    Raises:
        RangeError: there is neither a model nor a file of this name.
        WeightsError: the file is damaged.
    """
    if name in names():
        return _load_embedded(name)
    if name.endswith(".safetensors"):
        return load_file(Path(name))
    raise RangeError(
        f"pretrained: expected one of {', '.join(names())} or the path of a .safetensors file "
        f"that `salience distil` wrote, got {name!r}"
    )


@cache
def _load_embedded(name: str) -> Weights:
    return load_file(file_of(name))
