"""The streams that commands print to: they show control characters, and are never closed.

All output goes through them: of commands, warnings, typer's boxes, progress bars and
tracebacks. Names and messages pass through `harmless` before (pictures/labels.py),
which shows the line ends and colours inside of them too.
"""

import os
import re
import sys
import warnings
from collections.abc import Iterable
from typing import Any, TextIO, cast

from ..pictures.labels import harmless

_ACTING = re.compile(
    "(\x1b\\[[0-9;]*[mA]|\r)|"  # colours, and how a progress bar moves the cursor
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
_COLOURFUL = ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TTY_COMPATIBLE")
"""Environment variables that turn on colours for streams other than terminals."""


class Shown:
    """A stream of text that shows control characters as symbols.

    On a terminal, colours stay and a progress bar may move the cursor. A stream of
    remarks ignores errors of its own, so that the command goes on.
    """

    def __init__(self, stream: TextIO, *, remarks: bool) -> None:
        self._stream, self._remarks = stream, remarks
        self._coloured = stream.isatty() or any(map(os.environ.get, _COLOURFUL))

    def write(self, text: str) -> int:
        """Write what can be shown of the text."""
        self._attempt("write", _ACTING.sub(self._sign, text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write all of them."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Write what waits to be written."""
        self._attempt("flush")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _sign(self, found: re.Match[str]) -> str:
        return found[0] if found[1] and self._coloured else harmless(found[0])

    def _attempt(self, name: str, *given: str) -> None:
        try:
            getattr(self._stream, name)(*given)
        except OSError:
            if not self._remarks:
                raise
            self._stream = nowhere()


def prepare() -> None:
    """Make standard output and error Shown, with escapes for what their encodings lack.

    Where one is closed, what is written to it is discarded.
    """
    sys.stdout = _prepared(sys.stdout, remarks=False)
    sys.stderr = _prepared(sys.stderr, remarks=True)
    warnings.formatwarning = _on_its_own_line


def nowhere() -> TextIO:
    """Return a stream that discards what is written to it."""
    return open(os.devnull, "w", encoding="utf-8")


def _prepared(stream: TextIO | None, *, remarks: bool) -> TextIO:
    if isinstance(stream, Shown):
        return cast(TextIO, stream)
    if stream is None or _is_closed(stream):
        stream = nowhere()
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    return cast(TextIO, Shown(stream, remarks=remarks))


def _is_closed(stream: TextIO) -> bool:
    try:
        if stream.closed:
            return True
        os.fstat(stream.fileno())
    except OSError as error:
        return error.errno is not None  # a stream without a file, such as a test's, has no number
    return False


def _on_its_own_line(
    message: Warning | str, category: type[Warning], filename: str, lineno: int,
    line: str | None = None,  # noqa: ARG001  (Python passes it)
) -> str:  # fmt: skip
    """Format a warning as Python does, with its message on one line."""
    return f"{harmless(filename)}:{lineno}: {category.__name__}: {harmless(str(message))}\n"
