"""Arguments and options that the commands of word vectors share."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from salience.vectors.formats.gathered import BadWords
from salience.vectors.look_up import Near

from ...pictures.labels import harmless

VectorsName = Annotated[
    str,
    Argument(
        metavar="VECTORS",
        help="A file of word vectors (word2vec's text or binary form, GloVe's text, fastText's "
        ".bin or .vec, .floret; each may be a .gz), a folder that salience wrote, or a spaCy "
        "pipeline, by its folder or name.",
    ),
]
FormatName = Annotated[
    str | None,
    Option(
        "--format",
        help="Its format: word2vec, word2vec-binary, glove, fasttext, floret, folder or spacy; "
        "found out by its content where not given.",
    ),
]
Most = Annotated[int | None, Option("--words", help="Words that are read, the first ones.", min=1)]
SkipBad = Annotated[
    bool,
    Option(
        "--skip-bad-words",
        help="Leave out words that are no valid UTF-8, empty, or there twice; else the file is "
        "refused.",
    ),
]
K = Annotated[int, Option("-k", "--k", help="How many words are shown.", min=1)]
OutFile = Annotated[Path, Option(help="The file or folder to write.")]


def bad_words_of(skip: bool) -> BadWords:
    """Return what becomes of bad words."""
    return "skip" if skip else "refuse"


def lines_of(found: list[Near]) -> str:
    """Return words and their scores, a line each."""
    return "\n".join(f"{near.score:8.4f}  {harmless(near.word)}" for near in found)
