"""Options and messages that commands which read files of texts share."""

import sys
from pathlib import Path
from typing import Annotated

from typer import Option

from salience.errors import RangeError

Field = Annotated[
    str | None,
    Option(
        metavar="NAME",
        help="The column of texts, of a file with columns: `text` by default, else the only one "
        "that holds texts.",
    ),
]
Strict = Annotated[
    bool, Option("--strict", help="Refuse rows without a text; else they are skipped and counted.")
]


def check_place(option: str, path: Path) -> None:
    """Make the folder of a file that is written later; RangeError where its name is a folder's."""
    if path.is_dir():
        raise RangeError(f"{option}: expected a file to write to, got the folder {path}")
    path.parent.mkdir(parents=True, exist_ok=True)


def tell_skipped(count: int) -> None:
    """Say on standard error how many rows had no text, if any."""
    if count:
        rows = "1 row" if count == 1 else f"{count} rows"
        print(f"salience: skipped {rows} without a text", file=sys.stderr)
