"""`salience vectors eval VECTORS`: word similarity and analogies."""

from pathlib import Path
from typing import Annotated

from typer import Option

from salience.errors import RangeError
from salience.vectors.evaluation import Section, analogy_accuracy, total, word_similarity

from ...pictures.labels import harmless
from ...word_vectors.files import read_analogies, read_any, read_pairs
from .analogy import Method, Way
from .options import FormatName, Most, SkipBad, VectorsName, bad_words_of

Pairs = Annotated[
    list[Path],
    Option(
        "--pairs",
        metavar="FILE",
        help="Word pairs with people's scores, a line each: word1, word2, score; once a file.",
    ),
]
Analogies = Annotated[
    list[Path],
    Option(
        "--analogies",
        metavar="FILE",
        help="Analogies, four words a line, with sections as lines ': name' or a first column; "
        "once a file.",
    ),
]


def eval(  # noqa: A001
    vectors: VectorsName,
    pairs: Pairs = [],  # noqa: B006
    analogies: Analogies = [],  # noqa: B006
    method: Method = Way.add,
    format: FormatName = None,  # noqa: A002
    most: Most = None,
    skip_bad_words: SkipBad = False,
) -> None:
    """Print Spearman's correlation for word pairs, and the share of right analogies by section.

    Each figure names how many of a file's pairs or questions have vectors; others are left out.
    """
    if not pairs and not analogies:
        raise RangeError("eval: expected --pairs FILE or --analogies FILE, got neither; give one")
    of_pairs = [(path, read_pairs(path)) for path in pairs]
    of_analogies = [(path, read_analogies(path)) for path in analogies]
    found = read_any(vectors, format, most=most, bad_words=bad_words_of(skip_bad_words))
    for path, scored in of_pairs:
        result = word_similarity(found, scored)
        used = f"{result.used} of {result.pairs} pairs"
        print(f"{result.correlation:.4f}  {harmless(path.name)}, Spearman, {used}")
    for path, sections in of_analogies:
        counted = analogy_accuracy(found, sections, method=method.value)
        for section in [*counted, total(counted)]:
            asked = f"{section.right} right, {section.used} of {section.questions} asked"
            print(f"{_share(section)}  {harmless(path.name)}, {harmless(section.name)}, {asked}")


def _share(section: Section) -> str:
    return f"{section.accuracy:.4f}" if section.used else "     -"
