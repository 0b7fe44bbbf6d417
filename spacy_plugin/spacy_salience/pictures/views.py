"""The data of pictures, before they are drawn: a text with weights, or a heat map."""

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, Span

from salience import checks
from salience.errors import AnnotationError, RangeError

from ..annotations.attention import attention_of
from ..annotations.similarity import weighted

MOST_READ = 200
"""The most rows, and columns, of a heat map that people can read."""


class Passage(NamedTuple):
    """A text of T tokens: each token's text, the white space after it, and its weight [T]."""

    texts: list[str]
    spaces: list[str]
    weights: Any
    language: str


class HeatMap(NamedTuple):
    """Values [R, C] with the labels of rows and columns; signed where some may be negative.

    others says whether the last row, and the last column, is "other words".
    """

    values: NDArray[np.floating[Any]]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    title: str
    meaning: str
    signed: bool
    others: tuple[bool, bool] = (False, False)

    @property
    def strongest(self) -> float:
        """The largest magnitude of content words; where all these are 0, of all values.

        In a long text, other words together are many times as strong as any pair of content
        words, whose colours would be too faint to see on their scale.
        """
        rows, columns = self.values.shape
        content = self.values[: rows - self.others[0], : columns - self.others[1]]
        return float(np.abs(content if content.any() else self.values).max(initial=0.0))


class Pairs(Protocol):
    """The attributes of an Explanation that pictures need; see explanations.explain."""

    @property
    def score(self) -> float: ...  # noqa: D102
    @property
    def labels(self) -> tuple[tuple[str, ...], tuple[str, ...]]: ...  # noqa: D102
    @property
    def contributions(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def content(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def unit(self) -> str: ...  # noqa: D102
    @property
    def others(self) -> tuple[bool, bool]: ...  # noqa: D102
    def top(self, n: int) -> list[tuple[str, str, float]]: ...  # noqa: D102


class Strongest(NamedTuple):
    """An explanation's strongest pairs, the largest magnitude among them, and sums of the others.

    rest has the number and the sum of all other pairs of content words, others that of the pairs
    with "other words".
    """

    pairs: list[tuple[str, str, float]]
    most: float
    rest: tuple[int, float]
    others: tuple[int, float]


def passage_of(item: Doc | Span) -> Passage:
    """Return a Doc with its salience, or a Span with its tokens' shares of the Span's salience."""
    weights, _ = weighted(item)
    doc = item.doc if isinstance(item, Span) else item
    texts, spaces = [token.text for token in item], [token.whitespace_ for token in item]
    return Passage(texts, spaces, weights, doc.lang_)


def heat_of_explanation(found: Pairs) -> HeatMap:
    """Return an explanation's contributions; RangeError where they are more than can be read."""
    values, (rows, columns) = found.contributions, found.labels
    check_pairs(values.shape)
    unit = {"entity": "entities"}.get(found.unit, f"{found.unit}s")
    scaled = any(found.others) and found.content.any()
    scale = "; the colours' scale is that of content words" if scaled else ""
    return HeatMap(
        values, rows, columns,
        f"Similarity {found.score:.3f}",
        f"what each pair of {unit} adds to the similarity; all together are the similarity{scale}",
        True,
        found.others,
    )  # fmt: skip


def strongest_of(found: Pairs, n: int) -> Strongest:
    """Return the n strongest pairs of content words, and the sums of all others."""
    content, whole = found.content, found.contributions
    pairs = found.top(min(n, content.size))
    values = [value for _, _, value in pairs]
    total = float(content.sum())
    return Strongest(
        pairs,
        max(map(abs, values), default=0.0) or 1.0,
        (content.size - len(pairs), total - sum(values)),
        (whole.size - content.size, float(whole.sum()) - total),
    )


def heat_of_attention(
    item: Doc | Span, rows: tuple[int, int] | None, head: int | None, nlp: Language | None
) -> HeatMap:
    """Return attention weights, of one head or the mean of all.

    The columns are the tokens of the Span; or, for rows of a Doc, those from the first to
    the last token that the rows attend to.

    Raises AnnotationError where no component is known or its encoder has no attention,
    and RangeError where rows or head do not exist or there is too much to read.
    """
    doc = item.doc if isinstance(item, Span) else item
    offset = item.start if isinstance(item, Span) else 0
    first, last = (offset + row for row in checks.rows_of("attention", rows, len(item)))
    advice = "rows=(0, 100), or a Span such as doc[:100]"
    _check_size("attention", (last - first, 0), advice)
    weights = _of_head(attention_of(doc, (first, last), nlp), head)
    if isinstance(item, Span):
        low, high = item.start, item.end
    elif rows is None:
        low, high = first, last
    else:
        used = np.flatnonzero(weights.any(axis=0))
        low, high = (int(used[0]), int(used[-1]) + 1) if len(used) else (first, last)
    _check_size("attention", (last - first, high - low), advice)
    heads = "the mean of all heads" if head is None else f"head {head}"
    return HeatMap(
        weights[:, low:high],
        tuple(token.text for token in doc[first:last]),
        tuple(token.text for token in doc[low:high]),
        f"Attention, {heads}",
        "how much of its attention each token (row) pays to each token (column); "
        "over the whole document a row sums to 1",
        signed=False,
    )  # fmt: skip


def check_pairs(shape: tuple[int, ...]) -> None:
    """Raise RangeError where there are more pairs than can be read."""
    _check_size("similarity", shape, 'by="sentence" or by="word", or Spans such as doc[:100]')


def _of_head(weights: Any, head: int | None) -> Any:
    count = len(weights)
    if not count:
        raise AnnotationError(
            "attention: expected an encoder with attention, found one of heads = 0; set heads "
            "to at least 1 in the model's config and train it"
        )
    if head is None:
        return weights.mean(axis=0)
    if checks.at_least("attention", "head", head, 0) >= count:
        raise RangeError(f"attention: head must be one of 0..{count - 1}, got {head}")
    return weights[head]


def _check_size(style: str, shape: tuple[int, ...], advice: str) -> None:
    if max(shape) > MOST_READ:
        raise RangeError(
            f"{style}: a picture of {shape[0]} x {shape[1] or shape[0]} cannot be read, at most "
            f"{MOST_READ} x {MOST_READ} can; ask for part of it: {advice}"
        )
