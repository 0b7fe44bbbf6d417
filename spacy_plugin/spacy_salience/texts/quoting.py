"""Finding out the delimiter of a table, and whether its fields are quoted.

Quoting matters where a field begins with a quote: in a quoted file the field ends at the
closing quote, and may contain delimiters and line ends; in a file without quoting it is a
text like any other. csv.Sniffer guesses from how often characters occur, which fails on
prose. Here each possibility is tried on the first lines, with the csv module, and the one
by which most rows have the same number of fields is taken.
"""

import csv
from collections.abc import Sequence
from typing import NamedTuple

DELIMITERS = "\t;|,"
"""Possible delimiters, rarest in prose first: of several that fit equally, the first is taken."""


class Fit(NamedTuple):
    """How many lines can be read with one delimiter and kind of quoting.

    lines: how many, from the first; width: fields of a row; cut: whether the remaining
    lines are the beginning of a quoted field that is not closed in them.
    """

    lines: int
    width: int
    cut: bool = False


def begins_quoted(line: str) -> bool:
    """Say whether a field of a tab-separated line begins with a quote."""
    return line.startswith('"') or '\t"' in line


def delimiter_of(head: Sequence[str]) -> str:
    """Return the delimiter of a table's first lines; a comma where none fits."""
    fits = {sign: fit_quoted(head, sign) for sign in DELIMITERS}
    found = {sign: fit for sign, fit in fits.items() if fit.width > 1}
    return max(found, key=lambda sign: (found[sign].lines, found[sign].width), default=",")


def is_quoted(window: Sequence[str], width: int, ended: bool) -> bool:
    """Say whether the fields of a tab-separated table are quoted.

    Args:
        window: consecutive lines of it; the first has a field that begins with a quote.
        width: fields of the rows before; 0 where the window is the table's beginning.
        ended: whether the window is the table's end.
    """
    quoted = fit_quoted(window, "\t", width)
    if quoted.cut and quoted.lines and not ended:
        window = window[: quoted.lines]
    literal = fit_literal(window, width)
    if quoted.lines != literal.lines:
        return quoted.lines > literal.lines
    return _shows_quoting(window[: quoted.lines], width)


def fit_quoted(lines: Sequence[str], delimiter: str, width: int = 0) -> Fit:
    """Return how many lines can be read as rows of quoted fields."""
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
    """Return how many tab-separated lines can be read with quotes as ordinary characters."""
    for read, line in enumerate(lines):
        fields = line.count("\t") + 1
        width = width or fields
        if line and fields != width:
            return Fit(read, width)
    return Fit(len(lines), width)


def _shows_quoting(lines: Sequence[str], width: int) -> bool:
    """Whether lines that can be read either way look as if a program has quoted the fields.

    Such a program quotes column names, and doubles quotes inside fields. In a table of a
    single column, a field that begins with a quote and does not end with one shows that a
    quoted field goes on in the next line.
    """
    if not width and lines and begins_quoted(lines[0]):
        return True
    fields = [field for line in lines for field in line.split("\t") if field.startswith('"')]
    if any('""' in field[1:-1] for field in fields):
        return True
    alone = all("\t" not in line for line in lines)
    return alone and any(field == '"' or not field.endswith('"') for field in fields)
