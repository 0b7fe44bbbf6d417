"""`salience duplicates IN`: groups of near-duplicates among the texts of files, and why."""

import json
from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import Annotated, BinaryIO

from spacy.language import Language
from typer import Option

from salience.errors import RangeError
from salience.files import write_whole

from ..component.pipelines import pipeline
from ..indexing.why import MOST_MATCHES, matches_of
from ..near_duplicates.duplicates import Group, threshold
from ..near_duplicates.duplicates import duplicates as groups_of
from ..pictures.labels import visible
from ..runs.inputs import inputs_of
from ..runs.rows import Reading, Row, rows_of
from .files import Field, Strict, check_place, tell_skipped
from .run import IdColumn, Inputs
from .show import FormatName, Lang, ModelName

MOST_PRINTED = 5
"""Texts of a group that are printed; a file has all of them."""


EXPLAINED = 20_000
"""Characters of a text that are read for the reasons, as pairs of words grow with its square."""


class Way(str, Enum):
    """How pairs are found."""

    exact = "exact"
    usearch = "usearch"


Above = Annotated[float, Option(help="The least cosine of a pair, above 0 and at most 1.")]
Backend = Annotated[
    Way | None,
    Option(
        help="Compare all pairs, or find neighbours in a graph, which misses few; by default "
        "the graph for more than 100,000 different texts."
    ),
]
Out = Annotated[
    Path | None,
    Option(metavar="FILE.jsonl", help="Write all groups to this file, an object a line."),
]
Top = Annotated[int, Option(help="How many groups to print.", min=0)]


def duplicates(
    inputs: Inputs,
    above: Above = 0.9,
    model: ModelName = None,
    lang: Lang = None,
    field: Field = None,
    id: IdColumn = None,  # noqa: A002
    format: FormatName = None,  # noqa: A002
    strict: Strict = False,
    backend: Backend = None,
    out: Out = None,
    top: Top = 10,
) -> None:
    """Print groups of texts that say nearly the same, the largest first, with the reasons.

    Two texts are a pair where the cosine of their vectors is at least --above, or they
    are equal; a group is what pairs join. Below a group are the score of a pair of
    different texts and the words that made the two alike.
    """
    threshold(above)
    read = inputs_of(inputs, out, format)
    if out is not None:
        _check_is_new(out, [each.source.path for each in read])
        check_place("--out", out)
    given = rows_of(read, Reading(field, id, strict))
    rows: list[Row] = []
    skipped = 0
    for row in given:
        if row is None:
            skipped += 1
        else:
            rows.append(Row(row.id, row.text, {}))
    texts = [row.text for row in rows]
    groups = groups_of(
        texts, above=above, model=model, lang=lang, backend=backend.value if backend else None
    )
    if out is not None:
        write_whole(out, lambda file: write(file, groups, rows))
    nlp = pipeline(model, lang) if groups and top else None
    for number, group in enumerate(islice(groups, top), start=1):
        print(*lines_of(number, group, rows, nlp), sep="\n")
    count = sum(len(each.places) for each in groups)
    in_groups = "1 group" if len(groups) == 1 else f"{len(groups)} groups"
    print(f"{count} of {len(rows)} texts in {in_groups} of near-duplicates")
    tell_skipped(skipped)


def _check_is_new(out: Path, read: Sequence[Path | None]) -> None:
    if any(path is not None and path.resolve() == out.resolve() for path in read):
        raise RangeError(
            f"--out: expected a file of its own, got {out}, which is read; name another"
        )


def write(file: BinaryIO, groups: Sequence[Group], rows: Sequence[Row]) -> None:
    """Write each group as a JSON object: its ids, its texts, and the pairs that join it."""
    for group in groups:
        said = {
            "ids": [rows[place].id for place in group.places],
            "texts": [rows[place].text for place in group.places],
            "pairs": [
                {"a": rows[a].id, "b": rows[b].id, "score": round(score, 6)}
                for a, b, score in group.pairs
            ],
        }
        file.write(f"{json.dumps(said, ensure_ascii=False)}\n".encode())


def lines_of(number: int, group: Group, rows: Sequence[Row], nlp: Language | None) -> Iterator[str]:
    """Yield what is printed of a group."""
    yield f"{number}  {len(group.places)} texts"
    for place in group.places[:MOST_PRINTED]:
        yield f"   {visible(rows[place].id, 100)}  {visible(rows[place].text, 100)}"
    if len(group.places) > MOST_PRINTED:
        yield f"   and {len(group.places) - MOST_PRINTED} more"
    different = (each for each in group.pairs if rows[each.a].text != rows[each.b].text)
    pair = next(different, None)
    if pair is None:
        yield "   because: the texts are equal"
    elif nlp is not None:
        a, b = (nlp(rows[place].text[:EXPLAINED]) for place in (pair.a, pair.b))
        words = (
            each.asked if each.asked == each.found else f"{each.asked} ~ {each.found}"
            for each in matches_of(a, b)
        )
        shown = ", ".join(visible(each, 60) for each in islice(words, MOST_MATCHES))
        yield f"   {pair.score:.3f} because: {shown or 'stop words and signs'}"
