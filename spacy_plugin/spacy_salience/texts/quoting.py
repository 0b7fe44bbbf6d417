"""Finding out which sign is between the fields of a table, and whether quotes stand around them.

A field that has a quote inside is the same either way. One that begins with a
quote is not: in a quoted file it goes on to the quote that closes it, over
delimiters and line ends; in one without quoting it is a text that begins so.
csv.Sniffer guesses from how often characters occur, which fails on prose; here
each way is tried on the first lines, with the csv module, and the one that
gives rows of one width is taken.
"""

import csv
from collections.abc import Sequence
from typing import NamedTuple

DELIMITERS = "\t;|,"
"""Signs between fields; of two that fit alike, the one that is rarer in prose comes first."""


class Fit(NamedTuple):
    """How far lines can be read in one way.

    lines: that are read well; width: fields of a row; cut: whether the rest is
    a field that the lines end in.
    """

    lines: int
    width: int
    cut: bool = False


def begins_quoted(line: str) -> bool:
    """Say whether a field of a tab-separated line begins with a quote."""
    return line.startswith('"') or '\t"' in line


def delimiter_of(head: Sequence[str]) -> str:
    """Return the sign between the fields of a table's first lines; a comma where there is none."""
    fits = {sign: fit_quoted(head, sign) for sign in DELIMITERS}
    found = {sign: fit for sign, fit in fits.items() if fit.width > 1}
    return max(found, key=lambda sign: (found[sign].lines, found[sign].width), default=",")


def is_quoted(window: Sequence[str], width: int, ended: bool) -> bool:
    """Say whether quotes stand around the fields of a tab-separated table.

    Args:
        window: lines of it, of which the first one has a field that begins
            with a quote.
        width: fields of the rows before; 0 where the window begins the table.
        ended: whether there is nothing behind the window.
    """
    quoted = fit_quoted(window, "\t", width)
    if quoted.cut and quoted.lines and not ended:
        window = window[: quoted.lines]
    literal = fit_literal(window, width)
    if quoted.lines != literal.lines:
        return quoted.lines > literal.lines
    return _shows_quoting(window[: quoted.lines], width)


def fit_quoted(lines: Sequence[str], delimiter: str, width: int = 0) -> Fit:
    """Return how far lines can be read with quotes around fields."""
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, strict=True)
    while (read := reader.line_num) < len(lines):
        try:
            row = next(reader)
        except csv.Error:
            return Fit(read, width, cut=reader.line_num == len(lines))
        width = width or len(row)
        if row and len(row) != width:
            return Fit(read, width)
    return Fit(len(lines), width)


def fit_literal(lines: Sequence[str], width: int = 0) -> Fit:
    """Return how far tab-separated lines can be read with quotes like any other character."""
    for read, line in enumerate(lines):
        fields = line.count("\t") + 1
        width = width or fields
        if line and fields != width:
            return Fit(read, width)
    return Fit(len(lines), width)


def _shows_quoting(lines: Sequence[str], width: int) -> bool:
    """Whether lines that can be read either way look like the work of a writer that quotes.

    It quotes the names of columns or none of all that needs none, and doubles
    quotes inside. Only where there is one column, a line end inside of
    quotes does not show by itself.
    """
    if not width and lines and begins_quoted(lines[0]):
        return True
    fields = [field for line in lines for field in line.split("\t") if field.startswith('"')]
    if any('""' in field[1:-1] for field in fields):
        return True
    alone = all("\t" not in line for line in lines)
    return alone and any(field == '"' or not field.endswith('"') for field in fields)
