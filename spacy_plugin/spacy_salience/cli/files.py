"""Options and messages that commands which read files of texts share."""

import sys
from typing import Annotated

from typer import Option

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


def tell_skipped(count: int) -> None:
    """Say on standard error how many rows had no text, if any."""
    if count:
        rows = "1 row" if count == 1 else f"{count} rows"
        print(f"salience: skipped {rows} without a text", file=sys.stderr)
