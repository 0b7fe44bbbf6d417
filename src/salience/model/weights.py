"""One file of weights: safetensors, with its settings and a digest in the header.

A save is whole or absent (see files). A load refuses a file whose digest differs.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as read_tensors
from safetensors.numpy import save as write_tensors

from ..errors import WeightsError
from ..files import write_whole
from .signatures import header_of, kind_of, tensors_of_another

FORMATS = "salience-1", "salience-2"
"""A file of the second states its blocks; one of the first has one block (see settings)."""

MODEL_FILE = "model.safetensors"
"""The name of a file of weights in a folder of its own."""

_ENTRY = "salience"


@dataclass(frozen=True)
class Weights:
    """Named arrays as they are stored, and the settings that say what they mean."""

    tensors: Mapping[str, NDArray[Any]]
    settings: Mapping[str, Any]
    checked: str | None = field(default=None, compare=False, repr=False)
    """The digest, if they were read from a file that stated it correctly."""

    def digest(self) -> str:
        """Return the SHA-256 over settings, names, types, shapes and numbers."""
        total = hashlib.sha256(_json(self.settings))
        for name in sorted(self.tensors):
            array = _plain(self.tensors[name])
            total.update(_json([name, array.dtype.str, list(array.shape)]))
            total.update(array.data if array.size else b"")
        return total.hexdigest()

    @property
    def language(self) -> str | None:
        """The spaCy code of the model's language; None where it states none.

        Raises WeightsError where what it states is not a code.
        """
        stated = self.settings.get("language")
        if stated is None or (isinstance(stated, str) and stated.replace("-", "_").isidentifier()):
            return stated
        raise WeightsError(
            "weights: the setting 'language' must be the code of a language, such as 'en', got "
            f"{str(stated)[:40]!r}; save the model again"
        )

    def made_for(self, language: str) -> "Weights":
        """Return the same weights, with the language stated."""
        return Weights(self.tensors, {**self.settings, "language": language})

    def to_bytes(self) -> bytes:
        """Return the file's content."""
        stated = {
            "format": FORMATS["blocks" in self.settings],
            "settings": dict(self.settings),
            "sha256": self.digest(),
        }
        arrays = {name: _plain(array) for name, array in self.tensors.items()}
        # One entry, because safetensors writes several in a random order, and
        # equal weights are to give equal files.
        return bytes(write_tensors(arrays, metadata={_ENTRY: _json(stated).decode()}))


def from_bytes(content: bytes, source: str = "these bytes") -> Weights:
    """Read what Weights.to_bytes wrote; WeightsError names the source where it is damaged."""
    advice = "restore it from a copy, save the model again, or reinstall salience"
    _refuse_foreign(content, source)
    try:
        tensors = read_tensors(content)
        header = header_of(content)
        stated = json.loads(header["__metadata__"][_ENTRY])
        form, settings, digest = stated["format"], dict(stated["settings"]), stated["sha256"]
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise WeightsError(
            f"{source}: expected a safetensors file of salience weights, could not read it "
            f"({error}); it is truncated or damaged: {advice}"
        ) from error
    if form != FORMATS["blocks" in settings]:
        raise WeightsError(
            f"{source}: expected weights of the format {FORMATS[-1]}, got {form!r}; "
            "load them with the version of salience that saved them"
        )
    weights = Weights(tensors, settings, digest)
    if weights.digest() != digest:
        raise WeightsError(
            f"{source}: the SHA-256 of the content is not the one the file states; "
            f"it is damaged: {advice}"
        )
    return weights


def _refuse_foreign(content: bytes, source: str) -> None:
    """Tell a file of another kind or of another program from a damaged one."""
    expected = f"{source}: expected a safetensors file of salience weights, but "
    if kind := kind_of(content):
        raise WeightsError(f"{expected}{kind}, or save the model again")
    names = tensors_of_another(content, _ENTRY)
    if names is not None:
        listed = ", ".join(sorted(names)[:3])[:200] + (", ..." if len(names) > 3 else "")
        raise WeightsError(
            f"{expected}another program made it (its tensors: {listed or 'none'}). A model of "
            "sentence-transformers can teach one: salience distil; salience.model.interchange "
            "reads an nn.Embedding or nn.RNN; or save the model again with salience"
        )


def save(weights: Weights, path: Path) -> None:
    """Write the file, whole or not at all."""
    content = weights.to_bytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, lambda file: file.write(content))


def load(path: Path) -> Weights:
    """Read the file; WeightsError names it and the fix where it is missing or damaged."""
    return from_bytes(read(path), str(path))


def read(path: Path) -> bytes:
    """Return the file's content; WeightsError names it and the fix where it is missing."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"{path}: expected a file of salience weights, could not open it "
            f"({error.strerror}); check the path, or save the model again"
        ) from error


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    """The same numbers, contiguous and with their lowest byte first, as in the file."""
    # Not ascontiguousarray, which makes an array of one number of a bare number.
    return np.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
