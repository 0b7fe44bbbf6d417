"""Heat maps as PNG, drawn by matplotlib."""

import io
import re
import warnings
from typing import TYPE_CHECKING, Any

from ..packages import optional
from .colour import BLUE, ORANGE
from .labels import visible
from .views import HeatMap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class FontWarning(UserWarning):
    """No installed font has some letters of a picture."""


_OF_A_LETTER = re.compile(r"Glyph \d+ .* missing from|Matplotlib currently does not support")

INCHES = 0.2
"""The side of a cell of a heat map."""

FONTS = (
    "DejaVu Sans", "Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans CJK SC",
    "Noto Sans CJK JP", "WenQuanYi Zen Hei", "Arial Unicode MS", "PingFang SC", "Microsoft YaHei",
    "Noto Sans Devanagari", "Noto Sans Thai", "Noto Emoji", "Symbola",
)  # fmt: skip
"""Fonts in the order in which matplotlib looks for a letter; those not installed are left out."""

END_OF_FIRST = "\u0530"
"""The first font, which comes with matplotlib, has all letters before this one: Latin, Greek and
Cyrillic."""


def heat_map(view: HeatMap) -> bytes:
    """Return a heat map as the bytes of a PNG file.

    Letters that none of the installed FONTS has are drawn as boxes, with one FontWarning.

    Raises MissingPackageError where matplotlib is not installed.
    """
    package = optional("matplotlib.figure", 'render: output="png"', "pip install 'salience[plot]'")
    rows, columns = view.values.shape
    # Without pyplot, so that the user's backend and figures stay as they are.
    figure = package.Figure(figsize=(max(columns, 12) * INCHES + 3, max(rows, 4) * INCHES + 2.5))
    _draw(figure, view)
    content = io.BytesIO()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        figure.savefig(content, format="png", dpi=120, bbox_inches="tight")
    _tell(told)
    return content.getvalue()


def _tell(told: "list[warnings.WarningMessage]") -> None:
    """Repeat matplotlib's warnings, but those of single letters without a font as one."""
    of_letters = [each for each in told if _OF_A_LETTER.match(str(each.message))]
    for each in told:
        if each not in of_letters:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    if of_letters:
        warnings.warn(
            "render: letters of the labels are drawn as boxes, as no font that was found has "
            "them; install one that does, such as Noto Sans CJK SC, or name an installed one, "
            "matplotlib.rcParams['font.family'] = ['My Font'], or ask for output='html'",
            FontWarning,
            stacklevel=5,
        )


def _draw(figure: "Figure", view: HeatMap) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    axes, most = figure.add_subplot(), view.strongest or 1.0
    colours = [ORANGE, "white", BLUE] if view.signed else ["white", BLUE]
    image = axes.imshow(
        view.values if view.values.size else [[0.0]],
        cmap=LinearSegmentedColormap.from_list("salience", colours),
        vmin=-most if view.signed else 0.0,
        vmax=most,
        aspect="equal",
    )
    rows, columns = ([visible(name) for name in names] for names in (view.rows, view.columns))
    family = _fonts_for("".join(rows + columns))
    texts: dict[str, Any] = {"size": 8, "family": family, "parse_math": False, "usetex": False}
    axes.set_yticks(range(len(rows)), rows, **texts)
    axes.set_xticks(range(len(columns)), columns, rotation=90, **texts)
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    _mark_others(axes, view.others)
    axes.set_title(view.title, loc="left", fontsize=10)
    bar = figure.colorbar(image, ax=axes, shrink=min(0.6, 3 / figure.get_figheight()))
    bar.set_label(view.meaning.replace("; ", ";\n"), fontsize=7)
    bar.ax.tick_params(labelsize=7)


def _mark_others(axes: "Axes", others: tuple[bool, bool]) -> None:
    """Set the label "other words" in italics, as it is no word of a text."""
    for is_last, labels in zip(
        others, (axes.get_yticklabels(), axes.get_xticklabels()), strict=True
    ):
        if is_last:
            labels[-1].set_fontstyle("italic")


def _fonts_for(letters: str) -> list[str]:
    from matplotlib import font_manager, rcParams

    if max(letters, default="") < END_OF_FIRST:
        return list(FONTS[:1])  # each further one makes the picture slower
    present = set(font_manager.get_font_names())
    chosen = [family for family in rcParams["font.family"] if family in present]
    return [*(family for family in FONTS if family in present), *chosen]
