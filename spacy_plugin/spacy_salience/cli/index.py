"""`salience index IN... --out DIR`: files of texts to an index that `salience search` reads."""

from typing import Annotated

from typer import Argument, Option

from salience.errors import RangeError

from ..indexing.model import PASSAGE_WORDS
from ..indexing.text_index import TextIndex
from .files import Field, Strict
from .run import IdColumn, Out
from .show import FormatName, Lang, ModelName

Inputs = Annotated[
    list[str] | None,
    Argument(
        metavar="[IN...]",
        help="Files of texts, as for `salience run`; folders of them; or -, standard input.",
    ),
]
Remove = Annotated[
    list[str] | None,
    Option(metavar="ID", help="A document to remove, by its id; give it once for each."),
]
PassageWords = Annotated[
    int | None, Option(help=f"Words of a passage, about; by default {PASSAGE_WORDS}.", min=1)
]


def index(
    out: Out,
    inputs: Inputs = None,
    model: ModelName = None,
    lang: Lang = None,
    field: Field = None,
    id: IdColumn = None,  # noqa: A002
    format: FormatName = None,  # noqa: A002
    strict: Strict = False,
    remove: Remove = None,
    passage_words: PassageWords = None,
) -> None:
    """Make an index of files of texts in a folder, or add to it and remove from it.

    Documents are cut at sentences into overlapping passages. One whose id is in the
    index already takes the other's place; one that is the same is left alone. Nobody
    who searches sees half of an update, and the same command goes on with one that
    was killed. Other columns are kept, for `salience search --where` and `--give`.
    """
    if not inputs and not remove:
        raise RangeError(
            "index: expected files to add, or --remove ID, got neither; name a file or a folder"
        )
    texts = TextIndex.create(out, model=model, lang=lang, passage_words=passage_words)
    if remove:
        texts.remove(remove)
    changes = texts.add_files(inputs, field=field, id=id, format=format, strict=strict) \
        if inputs else None  # fmt: skip
    said = [f"{len(texts)} documents, {texts.passages} passages in {out}"]
    if changes:
        said += [
            f"{changes.added} added",
            f"{changes.replaced} replaced",
            f"{changes.same} as before",
        ]
    if remove:
        said.append(f"{len(remove)} removed")
    print("; ".join([said[0], ", ".join(said[1:])]))
