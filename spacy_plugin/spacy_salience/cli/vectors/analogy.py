"""`salience vectors analogy VECTORS A B C`: A is to B as C is to what?"""

from enum import Enum
from typing import Annotated

from typer import Argument, Option

from salience.vectors import look_up

from ...word_vectors.files import read_any
from .options import FormatName, K, Most, SkipBad, VectorsName, bad_words_of, lines_of


class Way(str, Enum):
    """How cosines are combined."""

    add = "add"
    multiply = "multiply"


A = Annotated[str, Argument(help="A is to B")]
B = Annotated[str, Argument(help="as C")]
C = Annotated[str, Argument(help="is to the words that are printed.")]
Method = Annotated[Way, Option(help="3CosAdd or 3CosMul (Levy and Goldberg, 2014).")]


def analogy(
    vectors: VectorsName,
    a: A,
    b: B,
    c: C,
    k: K = 10,
    method: Method = Way.add,
    format: FormatName = None,  # noqa: A002
    most: Most = None,
    skip_bad_words: SkipBad = False,
) -> None:
    """Print the words that are to C what B is to A, the best first."""
    found = read_any(vectors, format, most=most, bad_words=bad_words_of(skip_bad_words))
    print(lines_of(look_up.analogy(found, a, b, c, k, method=method.value)))
