"""Sentences on disk, as the numbers of their words: a corpus may be larger than memory."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..errors import WeightsError
from ..files import write_whole
from ..ragged import places_of
from ..types import Ints, Ragged, starts_of

TOKENS_FILE, STARTS_FILE, WORDS_FILE = "tokens.npy", "starts.npy", "words.json"


@dataclass(frozen=True)
class Corpus:
    """B sentences of N words, read from a folder as they are needed.

    words: the different words, by number, in the order they were met.
    tokens: the number of each word [N], a file that is mapped into memory.
    starts: where each sentence begins [B + 1].
    """

    words: Sequence[str]
    tokens: NDArray[np.int32]
    starts: Ints

    def __len__(self) -> int:
        """Return B."""
        return len(self.starts) - 1

    def counts(self) -> dict[str, int]:
        """Return how often each word occurs."""
        total = np.zeros(len(self.words), dtype=np.int64)
        for first in range(0, len(self.tokens), 2**24):
            total += np.bincount(self.tokens[first : first + 2**24], minlength=len(total))
        return dict(zip(self.words, total.tolist(), strict=True))

    def sentences(self, numbers: Ints, longest: int) -> tuple[Ragged, Ints]:
        """Return these sentences' words, of each at most the first `longest`, and their places."""
        places, starts = places_of(self.starts, numbers, longest)
        return Ragged(np.asarray(self.tokens[places], dtype=np.int64), starts), places


def corpus_of(sentences: Iterable[Sequence[str]]) -> Corpus:
    """Return sentences, each a list of words, as a corpus in memory."""
    numbers: dict[str, int] = {}
    rows = [[numbers.setdefault(word, len(numbers)) for word in words] for words in sentences]
    tokens = np.array([number for row in rows for number in row], dtype=np.int32)
    return Corpus(list(numbers), tokens, starts_of([len(row) for row in rows]))


def write_corpus(sentences: Iterable[Sequence[str]], folder: Path) -> Corpus:
    """Write sentences, each a list of words, to a folder, and return them from there.

    It needs memory for the different words and 8 bytes a sentence.
    """
    numbers: dict[str, int] = {}
    lengths: list[int] = []

    def rows() -> Iterator[Ints]:
        for words in sentences:
            lengths.append(len(words))
            yield np.array([numbers.setdefault(word, len(numbers)) for word in words], np.int64)

    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / TOKENS_FILE, partial(_write_end_to_end, rows()))
    write_whole(folder / STARTS_FILE, partial(np.save, arr=starts_of(lengths)))
    # Written last: is_written takes it for the sign of a complete corpus.
    text = json.dumps(list(numbers))
    write_whole(folder / WORDS_FILE, lambda file: file.write(text.encode()))
    return read_corpus(folder)


def is_written(folder: Path) -> bool:
    """Say whether a corpus was written to this folder, all of it."""
    return (folder / WORDS_FILE).exists()


def read_corpus(folder: Path) -> Corpus:
    """Return the corpus of a folder; WeightsError names it where a file is missing or damaged."""
    try:
        words = json.loads((folder / WORDS_FILE).read_text(encoding="utf-8"))
        tokens = np.load(folder / TOKENS_FILE, mmap_mode="r", allow_pickle=False)
        starts = np.load(folder / STARTS_FILE, allow_pickle=False)
        _check(words, tokens, starts)
    except (OSError, ValueError, EOFError, RecursionError) as error:
        raise WeightsError(
            f"{folder}: expected the words of the texts, could not read them ({error}); remove the "
            "folder, and they are read from the texts again"
        ) from error
    return Corpus(words, tokens, starts)


def _check(words: Any, tokens: NDArray[Any], starts: NDArray[Any]) -> None:
    """Raise ValueError where the files of a corpus do not fit each other."""
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError(f"{WORDS_FILE} is no list of words")
    if tokens.dtype != np.int32 or tokens.ndim != 1 or starts.dtype != np.int64 or starts.ndim != 1:
        raise ValueError(f"{TOKENS_FILE} and {STARTS_FILE} are no rows of whole numbers")
    whole = len(starts) and starts[0] == 0 and starts[-1] == len(tokens)
    if not whole or (np.diff(starts) < 0).any():
        raise ValueError(f"{STARTS_FILE} does not divide {TOKENS_FILE}")
    if len(tokens) and not 0 <= tokens.min() <= tokens.max() < len(words):
        raise ValueError(f"{TOKENS_FILE} has numbers of no word of {WORDS_FILE}")


def _write_end_to_end(rows: Iterator[Ints], file: BinaryIO) -> None:
    """Write rows as one array of int32; its length is known only at the end."""
    length, kind = 0, {"descr": "<i4", "fortran_order": False}
    write_header = np.lib.format.write_array_header_1_0
    write_header(file, {**kind, "shape": (0,)})
    for row in rows:
        file.write(row.astype("<i4").tobytes())
        length += len(row)
    file.seek(0)
    write_header(file, {**kind, "shape": (length,)})  # of the same size, as NumPy pads it


def batches(lengths: Ints, size: int, epoch: int, seed: int) -> Iterator[Ints]:
    """Yield batches of sentences of like length, by their numbers; each once, but empty ones.

    The order depends on seed and epoch alone, so that a training can be resumed.
    """
    rng = np.random.default_rng([seed, epoch])
    order = rng.permutation(np.flatnonzero(lengths))
    for first in range(0, len(order), POOL * size):
        pool = order[first : first + POOL * size]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        parts = np.array_split(pool, max(1, round(len(pool) / size)))
        for number in rng.permutation(len(parts)):
            yield parts[number]


POOL = 16
"""So many batches of sentences are drawn, sorted by length and divided into batches."""
