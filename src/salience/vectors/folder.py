"""A folder of word vectors: data only, written whole or not at all, with digests.

vectors.safetensors has the tensors "rows" [R, D], or int8 with "rows_scale" [R]; where there
are any, "ngrams" [B, D] (or int8 with "ngrams_scale"), "counts" [V] and "row_of" [V]. words.txt
has a word a line in UTF-8, settings.json the form, the n-grams' settings and the digests.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from .. import checks
from ..errors import WeightsError
from ..exchange import write_folder
from ..files import write_whole
from ..training.folders import digest
from ..training.precision import quantise
from ..types import Floats, Ints

VECTORS_FORM = "salience-vectors-1"
TENSORS_FILE, WORDS_LIST, SETTINGS_FILE = "vectors.safetensors", "words.txt", "settings.json"
RowsPrecision = Literal["float32", "int8"]


def is_folder_of_vectors(folder: Path) -> bool:
    """Say whether this is a folder that `write` wrote."""
    return (folder / SETTINGS_FILE).is_file() and (folder / TENSORS_FILE).is_file()


class Contents(NamedTuple):
    """What a folder holds: words, named arrays of rows and of whole numbers, and settings."""

    words: Sequence[str]
    rows: Mapping[str, Floats]
    numbers: Mapping[str, Ints]
    settings: Mapping[str, Any]


def write(contents: Contents, folder: Path, precision: RowsPrecision = "float32") -> None:
    """Write the folder; an older one stays until the new one is complete.

    Raises RangeError where there is no such precision, WeightsError where the path has
    something else, OSError where it cannot be written.
    """
    checks.one_of("to_disk", "precision", precision, ("float32", "int8"))
    folder.parent.mkdir(parents=True, exist_ok=True)
    write_folder(folder, lambda new: fill(new, contents, precision), lambda: _check_place(folder))


def _check_place(folder: Path) -> None:
    if folder.is_dir() and (is_folder_of_vectors(folder) or not any(folder.iterdir())):
        return
    if folder.exists():
        raise WeightsError(
            f"{folder}: expected a new folder, or one of word vectors to replace, found something "
            "else; give another path"
        )


def fill(folder: Path, contents: Contents, precision: RowsPrecision = "float32") -> None:
    """Write the files into a folder, each whole; the settings last, as they say it is complete."""
    tensors: dict[str, NDArray[Any]] = dict(contents.numbers)
    for name, rows in contents.rows.items():
        tensors |= _stored(name, rows, precision)
    words = "".join(f"{word}\n" for word in contents.words).encode()
    (folder / SETTINGS_FILE).unlink(missing_ok=True)
    write_whole(folder / WORDS_LIST, lambda file: file.write(words))
    write_whole(folder / TENSORS_FILE, lambda file: file.write(save(tensors)))
    digests = {name: digest(folder / name) for name in (TENSORS_FILE, WORDS_LIST)}
    stated = {**contents.settings, "form": VECTORS_FORM, "sha256": digests}
    text = json.dumps(stated, indent=1).encode()
    write_whole(folder / SETTINGS_FILE, lambda file: file.write(text))


def _stored(name: str, rows: Floats, precision: RowsPrecision) -> dict[str, NDArray[Any]]:
    if precision == "float32":
        return {name: rows}
    found, scale = quantise(rows)
    return {name: found, f"{name}_scale": scale}


def read(folder: Path) -> Contents:
    """Read the folder.

    Raises WeightsError, which names the file, where one is missing or damaged.
    """
    stated = _settings(folder)
    for name, expected in stated["sha256"].items():
        if _digest(folder / name) != expected:
            raise WeightsError(
                f"{folder / name}: its SHA-256 is not the one that {SETTINGS_FILE} states; it is "
                "damaged: restore it from a copy, or write the folder again"
            )
    try:
        tensors = load_file(folder / TENSORS_FILE)
        words = (folder / WORDS_LIST).read_bytes().decode().split("\n")[:-1]
        names = [name for name in ("rows", "ngrams") if name in tensors]
        rows: dict[str, Floats] = {name: _rows(name, tensors) for name in names}
        whole = [name for name in ("counts", "row_of") if name in tensors]
        numbers: dict[str, Ints] = {name: tensors[name] for name in whole}
        return Contents(words, rows, numbers, stated)
    except (SafetensorError, OSError, ValueError, LookupError, TypeError) as error:
        raise damaged(folder, error) from error


def damaged(folder: Path, error: Exception) -> WeightsError:
    """Return the error of a folder whose files do not fit each other."""
    return WeightsError(
        f"{folder}: expected a folder of word vectors, could not read it ({error}); write it again"
    )


def _rows(name: str, tensors: dict[str, NDArray[Any]]) -> Floats:
    stored = tensors[name]
    if stored.dtype == np.int8:
        return np.asarray(stored * tensors[f"{name}_scale"][:, None], dtype=np.float32)
    return np.asarray(stored, dtype=np.float32)


def _settings(folder: Path) -> dict[str, Any]:
    path = folder / SETTINGS_FILE
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
        if stated["form"] != VECTORS_FORM or dict(stated["sha256"]).keys() != {
            TENSORS_FILE,
            WORDS_LIST,
        }:
            raise ValueError(f"its form is {stated['form']!r:.40}")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise WeightsError(
            f"{path}: expected the settings of a folder of word vectors ({VECTORS_FORM}), could "
            f"not read them ({error}); give a folder that WordVectors.to_disk wrote"
        ) from error
    found: dict[str, Any] = stated
    return found


def _digest(path: Path) -> str:
    try:
        return digest(path)
    except OSError as error:
        raise WeightsError(
            f"{path}: expected a file of word vectors, could not read it ({error.strerror}); "
            "restore it from a copy, or write the folder again"
        ) from error
