"""What the teachers' scripts share: sentences of one length together, and shares of a matrix."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def of_one_length(ids: Sequence[Sequence[int]], pieces: int) -> Iterator[list[int]]:
    """Yield the numbers of sentences of as many pieces each, at most so many pieces in all."""
    by_length: dict[int, list[int]] = {}
    for number, each in enumerate(ids):
        by_length.setdefault(len(each), []).append(number)
    for length, numbers in by_length.items():
        size = max(1, pieces // length)
        for first in range(0, len(numbers), size):
            yield numbers[first : first + size]


def fill(
    source: Path, target: Path, encode: Callable[[Sequence[str]], NDArray[np.float32]],
    *, width: int, at_once: int, part: int, parts: int,
) -> None:  # fmt: skip
    """Fill one of several shares of a matrix of float16, a row for each line of the source.

    Shares are of `at_once` rows in turns; those that are there are left.
    """
    texts = source.read_text(encoding="utf-8").splitlines()
    if part == 0 and not target.exists():
        np.lib.format.open_memmap(target, "w+", np.float16, (len(texts), width))
    while not target.exists():
        time.sleep(1)
    matrix = np.load(target, mmap_mode="r+")
    for first in range(part * at_once, len(texts), parts * at_once):
        rows = slice(first, min(first + at_once, len(texts)))
        if not matrix[rows].any(axis=1).all():
            matrix[rows] = encode(texts[rows])
            matrix.flush()
            print(f"{rows.stop} of {len(texts)}", flush=True)
