"""Pictures as text, with colours where a terminal shows them."""

from .colour import STEPS, ansi, step
from .labels import OTHER_WORDS, columns, harmless, padded, visible
from .views import HeatMap, Pairs, Passage, strongest_of

MOST_ATTENDED = 4

_STARS = ("", "", "*", "**")
"""Marks around a token where there are no colours, from the least salient to the most."""


def passage(view: Passage, colour: bool) -> str:
    """Return a text with its salient tokens marked, and what the marks mean."""
    most = float(view.weights.max(initial=0.0))
    shares = (view.weights / most if most > 0 else view.weights).tolist()
    shown: list[tuple[str, float, str]] = []
    for text, space, share in zip(view.texts, view.spaces, shares, strict=True):
        text = harmless(text.replace("\r\n", "\n"), keep="\n\t")
        if not colour and shown and _continues(shown[-1], text, share):
            text = shown.pop()[0] + text
        shown.append((text, share, space))
    if not shown:
        return "(no text)"
    marked = [
        (text if text.isspace() else _marked(text, share, colour)) + space
        for text, share, space in shown
    ]
    marks = [_marked(f"{least * most:.2g}", least, colour) for least in STEPS[not colour :]]
    meaning = f"salience from {', '.join(marks)} up to {most:.2g}; all together are 1"
    return f"{''.join(marked)}\n\n{meaning}"


def attended(view: HeatMap, colour: bool) -> str:
    """Return, for each row of a heat map, the columns with the highest values."""
    if not view.values.size:
        return f"{view.title}: nothing to show, a text is empty"
    most = view.strongest or 1.0
    names = [visible(name) for name in view.columns]
    starts = [visible(name) for name in view.rows]
    width = max(map(columns, starts))
    lines = [f"{view.title}: {view.meaning}", ""]
    for start, row in zip(starts, view.values, strict=True):
        best = (-row).argsort(kind="stable")[:MOST_ATTENDED].tolist()
        cells = [
            f"{_painted(f'{row[place]:.2f}', row[place] / most, colour)} {names[place]}"
            for place in best if row[place] > 0
        ]  # fmt: skip
        lines.append(f"{padded(start, width)}  {'  '.join(cells)}")
    return "\n".join(lines)


def pairs(found: Pairs, colour: bool, n: int = 10) -> str:
    """Return an explanation's strongest pairs as a table that sums to the score.

    Its last lines are the sum of all other pairs, and that of the pairs with "other words".
    """
    rows, across = found.contributions.shape
    best = strongest_of(found, n)
    lefts = [visible(left) for left, _, _ in best.pairs]
    width = max(map(columns, lefts), default=0)
    lines = [f"similarity {found.score:.4f}, by {found.unit}: {rows} x {across} pairs"]
    for name, (_, right, value) in zip(lefts, best.pairs, strict=True):
        number = _painted(f"{value:+.4f}", value / best.most, colour)
        lines.append(f"{number}  {padded(name, width)}  {visible(right)}")
    (rest, sum_of_rest), (others, sum_of_others) = best.rest, best.others
    if rest:
        lines.append(f"{sum_of_rest:+.4f}  all {rest} others")
    if others:
        lines.append(f"{sum_of_others:+.4f}  {OTHER_WORDS} ({others} pairs)")
    return "\n".join(lines)


def _continues(before: tuple[str, float, str], text: str, share: float) -> bool:
    """Whether a token has the same mark as the one that it touches: they share it."""
    last, of_last, space = before
    touches = not (space or last.isspace() or text.isspace())
    return touches and step(of_last) == step(share) > 0 and bool(_STARS[step(share)])


def _painted(text: str, share: float, colour: bool) -> str:
    return ansi(text, share) if colour else text


def _marked(text: str, share: float, colour: bool) -> str:
    mark = _STARS[step(share)]
    return ansi(text, share) if colour else f"{mark}{text}{mark}"
