"""`salience vectors shrink VECTORS --out DIR`: smaller word vectors, and what they lose."""

from pathlib import Path
from typing import Annotated

from typer import Option

from salience.errors import RangeError
from salience.vectors import shrink as smaller
from salience.vectors.shrink import loss

from ...pictures.labels import harmless
from ...word_vectors.files import read_any
from .options import FormatName, Most, SkipBad, VectorsName, bad_words_of

Out = Annotated[Path, Option(help="The folder to write; `vectors convert` makes files of it.")]
Width = Annotated[int | None, Option(help="Dimensions that are left, by PCA.", min=1)]
Rows = Annotated[
    int | None,
    Option(help="Rows that are left; other words get the nearest of them.", min=1),
]
Int8 = Annotated[bool, Option("--int8", help="Store rows as int8, with a scale each.")]


def shrink(
    vectors: VectorsName,
    out: Out,
    width: Width = None,
    rows: Rows = None,
    int8: Int8 = False,
    format: FormatName = None,  # noqa: A002
    most: Most = None,
    skip_bad_words: SkipBad = False,
) -> None:
    """Make word vectors smaller, and print their size and what is left of their quality.

    First --width, then --rows, then --int8.
    """
    if width is None and rows is None and not int8:
        raise RangeError("shrink: expected --width, --rows or --int8, got none; give one")
    before = read_any(vectors, format, most=most, bad_words=bad_words_of(skip_bad_words))
    after = before if width is None else smaller.narrowed(before, width)
    after = after if rows is None else smaller.pruned(after, rows)
    after.to_disk(out, precision="int8" if int8 else "float32")
    size = sum(file.stat().st_size for file in out.iterdir())
    grams = before.ngrams
    was = before.rows.nbytes + (0 if grams is None else grams.rows.nbytes)
    print(f"{harmless(str(out))}: {size / 1e6:.1f} MB, of vectors of {was / 1e6:.1f} MB")
    if len(before) >= 3:
        kept = loss(before, smaller.rounded(after) if int8 else after)
        print(f"{kept.correlation:.4f}  correlation of cosines with those before")
        print(f"{kept.neighbours:.4f}  of words' nearest ten are the same")
