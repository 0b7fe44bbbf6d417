"""`salience vectors nearest VECTORS WORD...`: the nearest words."""

from enum import Enum
from typing import Annotated

from typer import Argument, Option

from salience.vectors import look_up

from ...pictures.labels import harmless
from ...word_vectors.files import read_any
from .options import FormatName, K, Most, SkipBad, VectorsName, bad_words_of, lines_of


class Measure(str, Enum):
    """How near two vectors are."""

    cosine = "cosine"
    dot = "dot"
    euclidean = "euclidean"


Words = Annotated[list[str], Argument(help="Words whose nearest ones are shown.")]
Metric = Annotated[Measure, Option(help="Cosine, scalar product, or euclidean distance.")]


def nearest(
    vectors: VectorsName,
    words: Words,
    k: K = 10,
    metric: Metric = Measure.cosine,
    format: FormatName = None,  # noqa: A002
    most: Most = None,
    skip_bad_words: SkipBad = False,
) -> None:
    """Print the words nearest to each word, with their scores."""
    found = read_any(vectors, format, most=most, bad_words=bad_words_of(skip_bad_words))
    # All first: a word is refused before any is shown.
    near = [look_up.nearest(found, word, k, metric=metric.value) for word in words]
    for word, of_word in zip(words, near, strict=True):
        print(harmless(word))
        print(lines_of(of_word))
