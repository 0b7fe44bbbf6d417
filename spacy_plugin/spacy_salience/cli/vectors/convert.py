"""`salience vectors convert IN OUT`: word vectors from one format to another."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from ...pictures.labels import harmless
from ...word_vectors.files import read_any, write_any
from .options import Most, SkipBad, VectorsName, bad_words_of

Out = Annotated[
    Path,
    Argument(
        help="The file or folder to write: .vec, .txt (word2vec's text), .bin (its binary form), "
        ".glove, .floret, each or as .gz; without an ending a folder."
    ),
]
From = Annotated[str | None, Option("--from", help="The format of IN; else by its content.")]
To = Annotated[str | None, Option("--to", help="The format of OUT, such as spacy; else by name.")]
Lang = Annotated[str, Option(help="The language of a spaCy pipeline that is written.")]
Attr = Annotated[
    str,
    Option(
        help="What a spaCy pipeline looks tokens up by: ORTH, or of floret's form LOWER or NORM."
    ),
]


def convert(
    vectors: VectorsName,
    out: Out,
    from_: From = None,
    to: To = None,
    most: Most = None,
    skip_bad_words: SkipBad = False,
    lang: Lang = "xx",
    attr: Attr = "ORTH",
) -> None:
    """Convert word vectors: word2vec, GloVe, fastText (read), floret, spaCy, our own folder.

    Formats without n-grams get the known words' whole vectors.
    """
    found = read_any(vectors, from_, most=most, bad_words=bad_words_of(skip_bad_words))
    written = write_any(found, out, to, lang=lang, attr=attr)
    lost = found.ngrams is not None and written not in ("folder", "floret")
    lost = lost and not (written == "spacy" and not len(found))
    note = "; its n-gram rows are not in this format" if lost else ""
    print(f"{harmless(str(out))}: {len(found)} words of width {found.width}, as {written}{note}")
