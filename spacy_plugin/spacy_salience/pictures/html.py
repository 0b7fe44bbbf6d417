"""Pictures as HTML: without scripts or external files, and with all text escaped."""

from collections.abc import Sequence
from html import escape
from typing import Any

from .colour import background
from .labels import OTHER_WORDS, harmless, visible
from .views import MOST_READ, HeatMap, Pairs, Passage, Strongest, heat_of_explanation, strongest_of

KEPT_CONTROLS = "\n\t"
"""Control characters of a text that are kept; they are written as character references."""

LEGEND = (0.0, 0.25, 0.5, 0.75, 1.0)

TEXT_STYLE = "line-height:1.9;white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext"
MARKED_STYLE = "border-radius:.2em;padding:.15em 0"
SMALL_TYPE = "font:12px/1.5 sans-serif"
ROW = f"{SMALL_TYPE};padding:0 6px;text-align:right;white-space:nowrap;max-width:22em;" + (
    "overflow:hidden;text-overflow:ellipsis"
)
COLUMN = (
    f"{SMALL_TYPE};min-width:16px;max-height:14em;padding:4px 0;text-align:right;"
    "white-space:nowrap;writing-mode:vertical-rl;overflow:hidden;text-overflow:ellipsis"
)
CELL = "border:1px solid #8884"
OTHERS = (
    f'<i title="stop words, punctuation and other signs">{OTHER_WORDS}</i>'  # unlike a text's words
)
TABLE_ROW = '<tr style="background:none">'  # else notebooks shade every second row

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>:root {{ color-scheme: light dark }} body {{ margin: 2em; font-family: sans-serif }}</style>
</head>
<body>
{body}
</body>
</html>
"""


def page(body: str, title: str) -> str:
    """Return a picture as a whole page, light or dark as the browser's settings are."""
    return PAGE.format(title=escape(title), body=body)


def passage(view: Passage) -> str:
    """Return a text in which each token's background and title show its salience."""
    most = float(view.weights.max(initial=0.0))
    marked = []
    for text, space, weight in zip(view.texts, view.spaces, view.weights.tolist(), strict=True):
        shown = _content(text)
        colour = background(weight / most) if most > 0 and not text.isspace() else ""
        if colour:
            style = f"background:{colour};{MARKED_STYLE}"
            shown = f'<span style="{style}" title="{weight:.4f}">{shown}</span>'
        marked.append(shown + _content(space))
    language = "" if view.language in ("", "xx") else f' lang="{escape(view.language)}"'
    text = f'<div dir="auto"{language} style="{TEXT_STYLE}">{"".join(marked) or "(no text)"}</div>'
    meaning = "salience: each token's share of the text; all together are 1"
    return _figure(text, _legend(most, meaning, signed=False) if marked else "")


def _content(text: str) -> str:
    """Return an escaped text without line breaks and tabs, which become character references.

    In Markdown, an empty line would end the HTML, and a tab at a line's start begin code.
    """
    shown = escape(harmless(text.replace("\r\n", "\n"), keep=KEPT_CONTROLS))
    return shown.replace("\n", "&#10;").replace("\t", "&#9;")


def heat_map(view: HeatMap) -> str:
    """Return a heat map as a table; each cell's title has its number and labels."""
    if not view.values.size:
        return _figure(f"<div>{escape(view.title)}: nothing to show, a text is empty</div>", "")
    most = view.strongest or 1.0
    top = f'<th scope="col" style="vertical-align:bottom"><div style="{COLUMN}">'
    starts, tops = map(_labels, (view.rows, view.columns), view.others)
    heads = "".join(f"{top}{label}</div></th>" for label in tops)
    lines = [f"{TABLE_ROW}<td></td>{heads}</tr>"]
    columns = [visible(name) for name in view.columns]
    for name, label, row in zip(view.rows, starts, view.values.tolist(), strict=True):
        cells = [
            _cell(value / most, f"{visible(name)} \u2013 {column}: {_number(value, view.signed)}")
            for column, value in zip(columns, row, strict=True)
        ]
        lines.append(f'{TABLE_ROW}<th scope="row" style="{ROW}">{label}</th>{"".join(cells)}</tr>')
    table = (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;width:auto">'
        f'<caption style="{SMALL_TYPE};text-align:left"><b>{escape(view.title)}</b></caption>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )
    return _figure(table, _legend(view.strongest, view.meaning, view.signed))


def explanation(found: Pairs) -> str:
    """Return an explanation's heat map, or a table of its strongest pairs where it is too large."""
    if max(found.contributions.shape) <= MOST_READ:
        return heat_map(heat_of_explanation(found))
    best = strongest_of(found, 20)
    rows, columns = found.contributions.shape
    title = f"<b>Similarity {found.score:.3f}</b>: the strongest of {rows} x {columns} pairs"
    count, rest = best.rest
    if count:
        title += f"; the {count} others add {_number(rest, True)}"
    return _figure(f'<div style="{SMALL_TYPE}">{title}</div><table>{_lines_of(best)}</table>', "")


def _lines_of(best: Strongest) -> str:
    cell = f'style="{ROW}"'
    lines = [
        f"{TABLE_ROW}{_amount(value, value / best.most)}<td {cell}>{_label(left)}</td>"
        f"<td {cell}>{_label(right)}</td></tr>"
        for left, right, value in best.pairs
    ]
    count, value = best.others
    if count:
        words = f'<td {cell} colspan="2">{OTHERS} ({count} pairs)</td>'
        lines.append(f"{TABLE_ROW}{_amount(value, 0)}{words}</tr>")
    return "".join(lines)


def _amount(value: float, share: float) -> str:
    colour = background(share)
    shade = f";background:{colour}" if colour else ""
    return f'<td style="{SMALL_TYPE};padding:0 6px{shade}">{_number(value, True)}</td>'


def _figure(body: str, legend: str) -> str:
    # The class keeps Jupyter's MathJax from reading dollar signs of the text as formulas.
    return f'<div class="salience tex2jax_ignore">{body}{legend}</div>'


def _cell(share: float, title: str) -> str:
    colour = background(share)
    shade = f";background:{colour}" if colour else ""
    return f'<td style="{CELL}{shade}" title="{escape(title)}"></td>'


def _labels(texts: Sequence[str], others: bool) -> list[str]:
    labels = [_label(text) for text in texts]
    return [*labels[:-1], OTHERS] if others else labels


def _label(text: str) -> str:
    return f'<bdi title="{escape(visible(text, 200))}">{escape(visible(text))}</bdi>'


def _legend(most: float, meaning: str, signed: bool) -> str:
    shares = [-share for share in LEGEND[:0:-1]] * signed + list(LEGEND)
    swatches = "".join(
        f'<span style="display:inline-block;width:1.4em;height:1em;vertical-align:middle;'
        f'border:1px solid #8884;background:{background(share) or "none"}"></span>'
        for share in shares
    )
    low = _number(-most, True) if signed else "0"
    return (
        f'<div dir="ltr" style="{SMALL_TYPE};margin-top:8px">{low} {swatches} '
        f"{_number(most, signed)} &nbsp;{escape(meaning)}</div>"
    )


def _number(value: Any, signed: bool) -> str:
    return f"{value:+.3g}".replace("-", "\u2212") if signed else f"{value:.3g}"
