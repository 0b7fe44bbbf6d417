"""`salience vectors odd VECTORS WORD...`: the word that fits the others least."""

from typing import Annotated

from typer import Argument

from salience.vectors import look_up

from ...pictures.labels import harmless
from ...word_vectors.files import read_any
from .options import FormatName, Most, SkipBad, VectorsName, bad_words_of

Words = Annotated[list[str], Argument(help="Three words or more.")]


def odd(
    vectors: VectorsName,
    words: Words,
    format: FormatName = None,  # noqa: A002
    most: Most = None,
    skip_bad_words: SkipBad = False,
) -> None:
    """Print the word that fits the others least."""
    found = read_any(vectors, format, most=most, bad_words=bad_words_of(skip_bad_words))
    print(harmless(look_up.odd_one_out(found, words)))
