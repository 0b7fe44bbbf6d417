"""How far a run is: a bar on a terminal, and a line a minute in the file `run.log`."""

import sys
import time
from pathlib import Path
from types import TracebackType

from tqdm import tqdm

from .process import Counts

LOG = "run.log"

EVERY = 60.0
"""Seconds between lines of the log."""


class Progress:
    """Counts of documents, with a bar that is shown on a terminal alone."""

    def __init__(self, out: Path, total: int) -> None:
        self._path, self._total, self._before = out / LOG, total, 0
        self.counts, self._told = Counts(), False
        self._begin = self._logged = time.monotonic()
        self._bar = tqdm(total=total, unit=" documents", disable=None)

    def __enter__(self) -> "Progress":
        self.log("begun")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._bar.close()
        self.log("ended" if kind is None else f"ended by {kind.__name__}")

    @property
    def done(self) -> int:
        """How many documents are done, now or before."""
        return self._before + self.counts.documents

    def pass_over(self, documents: int) -> None:
        """Count documents that were done before, at no time."""
        self._before += documents
        if not self._bar.disable:
            self._bar.initial += documents
            self._bar.n += documents

    def add(self, counts: Counts | None) -> None:
        """Count a chunk, if there is one, and write a line to the log if a minute has gone by."""
        if counts is not None:
            self.counts.documents += counts.documents
            self.counts.words += counts.words
            self.counts.failed += counts.failed
            rate = self.counts.words / self._seconds()
            self._bar.set_postfix_str(f"{rate:,.0f} words/s, {self.counts.failed} failed", False)
            self._bar.update(counts.documents)
        if time.monotonic() - self._logged >= EVERY:
            self.log("at work")

    def tell_once(self, message: str) -> None:
        """Write a line above the bar, and one in the log, at the first call."""
        if not self._told:
            self._told = True
            if not self._bar.disable:
                self._bar.write(message, file=sys.stderr)
            self.log(message)

    def log(self, what: str) -> None:
        """Write a line to the log."""
        self._logged = time.monotonic()
        counts, seconds = self.counts, self._seconds()
        rate = counts.documents / seconds
        left = f"{(self._total - self.done) / rate:.0f} s left" if rate else "time left unknown"
        with self._path.open("a", encoding="utf-8") as file:
            file.write(
                f"{time.strftime('%Y-%m-%d %H:%M:%S')} {what}: {self.done} of {self._total} "
                f"documents, {rate:.0f} documents/s, {counts.words / seconds:.0f} words/s, {left}, "
                f"{counts.failed} failed\n"
            )

    def _seconds(self) -> float:
        return max(time.monotonic() - self._begin, 1e-9)
