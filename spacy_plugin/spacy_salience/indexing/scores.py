"""The scores of words of a whole index: made anew, without its texts, when documents change."""

import hashlib
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from salience.errors import WeightsError
from salience.types import Ints

from .listing import Listing
from .stored import MAKE_ANEW, Stored, check, read_array, read_table, write_array, write_folder
from .stored import write_table as write_arrow
from .volumes import Volume
from .words import Words, scored

ARRAYS = ("starts", "rows", "scores")
"""Fields of Words that are a .npy file each."""

VOCABULARY_FILE = "vocabulary.arrow"


class Vocabulary(Sequence[str]):
    """Sorted words in an Arrow file, of which a search reads only some."""

    def __init__(self, column: object) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column)  # type: ignore[arg-type]

    def __getitem__(self, place: int) -> str:  # type: ignore[override]
        return str(self._column[place].as_py())  # type: ignore[index]


def write_scores(path: Path, volumes: Sequence[Volume]) -> tuple[str, list[Stored]]:
    """Score the words of all passages that have not been removed; return the folder and files.

    Raises MissingPackageError without bm25s.
    """
    said = [[each.folder.name, each.removed.tolist()] for each in volumes]
    name = f"words-{hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]}"
    return name, write_folder(path / name, partial(_write, words=_of_volumes(volumes)))


def read_scores(path: Path, listing: Listing) -> Words:
    """Return the scores, memory-mapped; WeightsError where a file is damaged."""
    folder = path / str(listing.words)
    for each in listing.words_files:
        check(folder, each)
    count = sum(int(each.alive.sum()) for each in listing.volumes)
    starts, rows, scores = (read_array(folder / f"{name}.npy") for name in ARRAYS)
    vocabulary = Vocabulary(read_table(folder / VOCABULARY_FILE)["word"].combine_chunks())
    total = sum(each.rows for each in listing.volumes)
    if not (
        len(starts) == len(vocabulary) + 1
        and len(rows) == len(scores) == starts[-1]
        and (not len(rows) or 0 <= rows.min() <= rows.max() < total)
    ):
        raise WeightsError(
            f"{folder}: expected scores of {total} passages, got others; {MAKE_ANEW}"
        )
    return Words(vocabulary, starts, rows, scores, count)


def _of_volumes(volumes: Sequence[Volume]) -> Words:
    stored = [each.words() for each in volumes]
    vocabulary = sorted({word for words, _, _ in stored for word in words})
    known = {word: place for place, word in enumerate(vocabulary)}
    passages: list[Any] = []
    rows: list[Ints] = []
    before = 0
    for volume, (words, places, starts) in zip(volumes, stored, strict=True):
        moved = np.array([known[word] for word in words], dtype=np.int32)[places]
        alive = np.flatnonzero(volume.alive)
        passages += [moved[starts[row] : starts[row + 1]] for row in alive.tolist()]
        rows.append(before + alive)
        before += volume.rows
    return scored(passages, vocabulary, np.concatenate([np.zeros(0, np.int64), *rows]))


def _write(folder: Path, words: Words) -> None:
    import pyarrow as pa

    for name in ARRAYS:
        write_array(folder / f"{name}.npy", getattr(words, name))
    write_arrow(
        folder / VOCABULARY_FILE, pa.table({"word": pa.array(list(words.vocabulary), pa.string())})
    )
