"""`salience search DIR QUESTION`: what an index answers, and why."""

import json
from enum import Enum
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from salience.errors import RangeError

from ..indexing.found import Hit, Why
from ..indexing.text_index import TextIndex
from ..pictures import colour
from ..pictures.labels import harmless, visible
from ..texts import listed

Folder = Annotated[Path, Argument(metavar="DIR", help="The folder of `salience index`.")]
Question = Annotated[str, Argument(metavar="QUESTION", help="A question, or any words.")]
K = Annotated[int, Option("-k", "--k", help="How many documents to print.", min=1)]
ModelName = Annotated[
    str | None,
    Option(help="The model of the index, where it has another name or place on this machine."),
]
Where = Annotated[
    list[str] | None,
    Option(
        metavar="COLUMN=VALUE",
        help="Documents with this value alone; give it once for each column.",
    ),
]
Give = Annotated[
    str | None,
    Option(
        metavar="COLUMN",
        help="Print this column under each hit, such as the answers of a list of questions.",
    ),
]
AsJson = Annotated[bool, Option("--json", help="Print a JSON object a line, one for each hit.")]


class Side(str, Enum):
    """What alone to rank by."""

    vectors = "vectors"
    words = "words"


Only = Annotated[Side | None, Option(help="Rank by vectors or by words alone; by default by both.")]


def search(
    folder: Folder,
    question: Question,
    k: K = 5,
    only: Only = None,
    where: Where = None,
    give: Give = None,
    model: ModelName = None,
    as_json: AsJson = False,
) -> None:
    """Print the documents of an index that answer a question best, with the reasons.

    Each has its score, the sentence that answers best with the words that matched
    marked, and pairs of words (the question's, the passage's) that made the two alike.
    """
    texts = TextIndex.open(folder, model=model)
    if give is not None and give not in texts.columns:
        raise RangeError(
            f"--give: expected one of the columns {listed(texts.columns)}, got {give!r:.60}"
        )
    wanted = dict(map(_column_and_value, where or []))
    hits = texts.search(question, k, only=only.value if only else None, where=wanted)
    for number, hit in enumerate(hits, start=1):
        why = texts.why(question, hit)
        print(_as_json(hit, why) if as_json else "\n".join(lines_of(number, hit, why, give)))
    if not hits and not as_json:
        print("nothing found")


def lines_of(number: int, hit: Hit, why: Why, give: str | None) -> list[str]:
    """Return what is printed of a hit."""
    lines = [f"{number}  {hit.score:.3f}  {visible(hit.id, 100)}", f"   {marked(hit, why)}"]
    if give is not None:
        lines.append(f"   {give}: {' '.join(harmless(str(hit.values.get(give)), keep='').split())}")
    pairs = [
        each.asked if each.asked == each.found else f"{each.asked} ~ {each.found}"
        for each in why.matches
    ]
    if pairs:
        lines.append(f"   because: {', '.join(visible(pair, 60) for pair in pairs)}")
    return lines


def marked(hit: Hit, why: Why) -> str:
    """Return the best sentence on one line, with the words that matched in colours or stars."""
    first, last = why.sentence
    pieces, at = [], first
    for begin, end in why.places:
        if at <= begin and end <= last:
            word = harmless(hit.text[begin:end])
            word = colour.ansi(word, 1.0) if colour.wanted() else f"**{word}**"
            pieces += [_line(hit.text[at:begin]), word]
            at = end
    return "".join([*pieces, _line(hit.text[at:last])])


def _line(text: str) -> str:
    """The text with one space for white space, so that it is one line."""
    words = harmless(" ".join(text.split()))
    before = " " if text[:1].isspace() else ""
    return f"{before}{words}{' ' if words and text[-1:].isspace() else ''}"


def _column_and_value(given: str) -> tuple[str, str]:
    name, sign, value = given.partition("=")
    if not sign or not name:
        raise RangeError(f"--where: expected COLUMN=VALUE, got {given!r:.60}")
    return name, value


def _as_json(hit: Hit, why: Why) -> str:
    first, last = why.sentence
    said = {**hit._asdict(), "sentence": hit.text[first:last],
            "matches": [each._asdict() for each in why.matches]}  # fmt: skip
    del said["sentences"]
    return json.dumps(said, default=str)
