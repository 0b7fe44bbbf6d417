"""`salience show FILE_OR_TEXT`: salient words of a text, or of each document of a file."""

import re
import warnings
from contextlib import closing
from os.path import exists
from typing import Annotated

from spacy.language import Language
from spacy.tokens import Doc
from typer import Argument, Option

from ..annotations.similarity import similarity
from ..component.pipelines import pipeline
from ..explanations.render import render
from ..keyphrases.keywords import keywords
from ..pictures.labels import harmless, visible
from ..texts import FileError, documents
from ..texts.formats import Format, is_known
from .files import Field, Strict, tell_skipped
from .workers import piped

EXTENSION = re.compile(r"\.[A-Za-z]\w{0,7}$")

FileOrText = Annotated[
    str,
    Argument(
        metavar="FILE_OR_TEXT",
        help="A file: plain text, a blank line between documents; .jsonl (.ndjson, .jsonlines), an "
        "object or a string a line; .json, a list of them; .csv or .tsv, with the columns' names "
        "in the first line; .parquet; or any of these as .gz. Or -, standard input. Or a text: "
        "what is no existing file, has white space in it and does not end like a file name, such "
        "as .txt. For any other text add --text.",
    ),
]
AsText = Annotated[bool, Option("--text", help="Take FILE_OR_TEXT for a text in any case.")]
ModelName = Annotated[
    str | None,
    Option(
        help="An embedded model, a .safetensors file, or a spaCy pipeline's folder or name; by "
        "default the embedded one of the texts' language, or of English."
    ),
]
Lang = Annotated[
    str | None,
    Option(help="The texts' language, whose tokenizer finds the words; by default the model's."),
]
Top = Annotated[int, Option(help="How many words to show.", min=1)]
FormatName = Annotated[
    Format | None, Option(help="The file's format, where its name does not say it.")
]
Processes = Annotated[int, Option(help="Worker processes.", min=1)]


def show(
    file_or_text: FileOrText,
    model: ModelName = None,
    lang: Lang = None,
    top: Top = 5,
    processes: Processes = 1,
    text: AsText = False,
    field: Field = None,
    strict: Strict = False,
    format: FormatName = None,  # noqa: A002
) -> None:
    """Print a text with its salient words marked; or a line for each document of a file.

    Below a text are its keywords. The marks are colours in a terminal, unless
    NO_COLOR is set. A document's line has its vectors' shape, its keywords and
    its similarity to the one before.
    """
    if text or is_text(file_or_text):
        show_text(pipeline(model, lang), file_or_text, top)
        return
    if file_or_text != "-" and not exists(file_or_text):
        raise FileError(
            f"{visible(harmless(file_or_text), 200)}: expected a UTF-8 text file, found none of "
            "this name; if it is a text, add --text"
        )
    texts = documents(file_or_text, field=field, strict=strict, format=format)
    # Worker processes drop hooks, of which none is needed here.
    warnings.filterwarnings("ignore", message=r"\[W109\]")
    before: Doc | None = None
    count = words = 0
    with closing(piped(pipeline(model, lang), texts, processes)) as docs:
        for number, doc in enumerate(docs, start=1):
            print(describe(number, doc, before, top))
            before, count, words = doc, number, words + len(doc)
    print(f"{count} documents, {words} tokens")
    tell_skipped(texts.skipped)


def show_text(nlp: Language, text: str, top: int) -> None:
    """Print a text with its salient words marked, and its keywords."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise FileError(f"expected a text of valid Unicode, could not read it: {error}") from error
    doc = nlp(text)
    print(render(doc, output="text", jupyter=False))
    print(f"keywords: {named(doc, top)}")


def named(doc: Doc, top: int) -> str:
    """Return the keywords of a document as a list in words."""
    return ", ".join(harmless(word) for word, _ in keywords(doc, top)) or "-"


def is_text(given: str) -> bool:
    """Say whether this is a text and no file's name: it has white space, and no extension."""
    named = bool(EXTENSION.search(given)) or is_known(given)
    return not exists(given) and len(given.split()) > 1 and not named


def describe(number: int, doc: Doc, before: Doc | None, top: int) -> str:
    """Return one line about a document."""
    rows, width = doc.tensor.shape
    line = f"{number}\tvectors [{rows}, {width}]\tsalient: {named(doc, top)}"
    if before is not None:
        line += f"\tsimilarity to {number - 1}: {similarity(before, doc):.3f}"
    return line
