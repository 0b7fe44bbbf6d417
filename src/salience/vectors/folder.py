"""A folder of word vectors: data only, written whole or not at all, with digests.

vectors.safetensors has the tensors "rows" [R, D], or int8 with "rows_scale" [R]; where there
are any, "ngrams" [B, D] (or int8 with "ngrams_scale"), "counts" [V] and "row_of" [V]. words.txt
has a word a line in UTF-8, settings.json the form, the n-grams' settings and the digests.
"""

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from .. import checks
from ..errors import SalienceError, WeightsError
from ..exchange import write_folder
from ..training.folders import digest
from ..training.precision import quantise
from ..types import Floats
from .word_vectors import NgramRows, WordVectors

FORM = "salience-vectors-1"
TENSORS, WORDS, SETTINGS = "vectors.safetensors", "words.txt", "settings.json"
RowsPrecision = Literal["float32", "int8"]


def is_folder_of_vectors(folder: Path) -> bool:
    """Say whether this is a folder that `write` wrote."""
    return (folder / SETTINGS).is_file() and (folder / TENSORS).is_file()


def write(vectors: WordVectors, folder: Path, precision: RowsPrecision = "float32") -> None:
    """Write the folder; an older one stays until the new one is complete.

    Raises RangeError where there is no such precision, WeightsError where the path has
    something else, OSError where it cannot be written.
    """
    checks.one_of("to_disk", "precision", precision, ("float32", "int8"))
    folder.parent.mkdir(parents=True, exist_ok=True)
    write_folder(folder, lambda new: _fill(new, vectors, precision), lambda: _check_place(folder))


def _check_place(folder: Path) -> None:
    if folder.is_dir() and (is_folder_of_vectors(folder) or not any(folder.iterdir())):
        return
    if folder.exists():
        raise WeightsError(
            f"{folder}: expected a new folder, or one of word vectors to replace, found something "
            "else; give another path"
        )


def _fill(folder: Path, vectors: WordVectors, precision: RowsPrecision) -> None:
    tensors = _stored("rows", vectors.rows, precision)
    stated: dict[str, Any] = {"form": FORM, "words": len(vectors)}
    if vectors.ngrams is not None:
        tensors |= _stored("ngrams", vectors.ngrams.rows, precision)
        fields = vectors.ngrams._asdict()
        stated["ngrams"] = {name: fields[name] for name in fields if name != "rows"}
    for name, numbers in (("counts", vectors.counts), ("row_of", vectors.row_of)):
        if numbers is not None:
            tensors[name] = numbers
    save_file(tensors, folder / TENSORS)
    with (folder / WORDS).open("wb") as file:
        file.writelines(f"{word}\n".encode() for word in vectors.words)
    stated["sha256"] = {name: digest(folder / name) for name in (TENSORS, WORDS)}
    (folder / SETTINGS).write_text(json.dumps(stated, indent=1), encoding="utf-8")


def _stored(name: str, rows: Floats, precision: RowsPrecision) -> dict[str, NDArray[Any]]:
    if precision == "float32":
        return {name: rows}
    found, scale = quantise(rows)
    return {name: found, f"{name}_scale": scale}


def read(folder: Path) -> WordVectors:
    """Read the folder.

    Raises WeightsError, which names the file, where one is missing or damaged.
    """
    stated = _settings(folder)
    for name, expected in stated["sha256"].items():
        if _digest(folder / name) != expected:
            raise WeightsError(
                f"{folder / name}: its SHA-256 is not the one that {SETTINGS} states; it is "
                "damaged: restore it from a copy, or write the folder again"
            )
    try:
        tensors = load_file(folder / TENSORS)
        words = (folder / WORDS).read_bytes().decode().split("\n")[:-1]
        ngrams = stated.get("ngrams")
        return WordVectors(
            words, _rows("rows", tensors), tensors.get("counts"),
            NgramRows(_rows("ngrams", tensors), **ngrams) if ngrams else None,
            tensors.get("row_of"),
        )  # fmt: skip
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, SalienceError) as error:
        raise WeightsError(
            f"{folder}: expected a folder of word vectors, could not read it ({error}); write it "
            "again"
        ) from error


def _rows(name: str, tensors: dict[str, NDArray[Any]]) -> Floats:
    stored = tensors[name]
    if stored.dtype == np.int8:
        return np.asarray(stored * tensors[f"{name}_scale"][:, None], dtype=np.float32)
    return np.asarray(stored, dtype=np.float32)


def _settings(folder: Path) -> dict[str, Any]:
    path = folder / SETTINGS
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
        if stated["form"] != FORM or set(stated["sha256"]) != {TENSORS, WORDS}:
            raise ValueError(f"its form is {stated['form']!r:.40}")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise WeightsError(
            f"{path}: expected the settings of a folder of word vectors ({FORM}), could not read "
            f"them ({error}); give a folder that WordVectors.to_disk wrote"
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
