"""Pictures of salience, attention and similarity."""

from typing import Any, Literal, TypeAlias

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import is_in_jupyter

from salience import checks
from salience.errors import AnnotationError, RangeError

from ..pictures import colour, html, text
from ..pictures.views import (
    HeatMap,
    Passage,
    check_pairs,
    heat_of_attention,
    heat_of_explanation,
    passage_of,
)
from .explain import Explanation, explain
from .groups import By

Style: TypeAlias = Literal["salience", "attention", "similarity"]
Output: TypeAlias = Literal["html", "text", "png"]

WHERE = "render"


def render(
    item: Any,
    style: Style = "salience",
    *,
    output: Output = "html",
    page: bool = False,
    jupyter: bool | None = None,
    by: By | None = None,
    rows: tuple[int, int] | None = None,
    head: int | None = None,
    nlp: Language | None = None,
) -> Any:
    """Draw a text's salience, its attention, or the reasons for a similarity.

    Args:
        item: a Doc or a Span; for "similarity" a pair of them, or an Explanation.
        style: "salience" colours a text of any length by each token's share of
            it; "attention" and "similarity" are heat maps.
        output: "html", which needs nothing from outside; "text", with colours
            where standard output is a terminal and NO_COLOR is not set; or
            "png", of a heat map (needs the extra plot).
        page: whether HTML is a whole page, which is returned in a notebook too;
            otherwise it is a fragment on one line, which can stand in Markdown.
        jupyter: whether to display the picture in the notebook and return
            None; where None, this is found out as displaCy does.
        by: the unit of a similarity's pairs, as in explain; where None, tokens, or the
            unit of the Explanation.
        rows: of attention, the first token to show and one past the last.
        head: the head of attention to show; where None, the mean of all.
        nlp: the pipeline whose attention to show; where None, the one that processed the
            document. It has to be given where the document was serialised since.

    Returns:
        str, or bytes of a PNG file; None where the picture was displayed.

    Raises:
        RangeError: a heat map has more rows or columns than can be read, or an
            argument has an unknown value.
        AnnotationError: this style cannot draw item, or item was not processed.
        MissingPackageError: output is "png" and matplotlib is not installed.
    """
    checks.one_of(WHERE, "style", style, ("salience", "attention", "similarity"))
    checks.one_of(WHERE, "output", output, ("html", "text", "png"))
    in_jupyter = is_in_jupyter() if jupyter is None else jupyter
    view: Passage | HeatMap | Explanation
    if style == "similarity":
        view = _similarity(item, by, output)
    else:
        view = _view(item, style, rows, head, nlp)
    if output == "png":
        return _shown(_png(view), "image/png", in_jupyter)
    if output == "text":
        drawn = _text(view, colour.wanted(in_jupyter))
        return _shown(drawn, "text/plain", in_jupyter)
    body = _html(view)
    if page:
        return html.page(body, style.capitalize())
    return _shown(body, "text/html", in_jupyter)


def _similarity(item: Any, by: By | None, output: Output) -> Explanation:
    if isinstance(item, Explanation):
        return item.by(by or item.unit)
    if not isinstance(item, (tuple, list)) or len(item) != 2:
        raise AnnotationError(
            f"{WHERE}: expected a pair of Docs or Spans, or an Explanation, for "
            f'style="similarity", got {type(item).__name__}; give it as render((a, b), ...)'
        )
    whole = all(isinstance(each, (Doc, Span)) for each in item)
    if whole and output != "text" and by in (None, "token"):
        check_pairs((len(item[0]), len(item[1])))  # before they are computed, which takes long
    return explain(*item, by=by or "token")


def _view(
    item: Any, style: Style, rows: tuple[int, int] | None, head: int | None, nlp: Language | None
) -> Passage | HeatMap:
    if not isinstance(item, (Doc, Span)):
        raise AnnotationError(
            f"{WHERE}: expected a Doc or a Span for style={style!r}, got {type(item).__name__}"
        )
    if style == "attention":
        return heat_of_attention(item, rows, head, nlp)
    return passage_of(item)


def _html(view: Passage | HeatMap | Explanation) -> str:
    if isinstance(view, Passage):
        return html.passage(view)
    return html.heat_map(view if isinstance(view, HeatMap) else heat_of_explanation(view))


def _text(view: Passage | HeatMap | Explanation, coloured: bool) -> str:
    if isinstance(view, Passage):
        return text.passage(view, coloured)
    if isinstance(view, HeatMap):
        return text.attended(view, coloured)
    return text.pairs(view, coloured)


def _png(view: Passage | HeatMap | Explanation) -> bytes:
    from ..pictures import png

    if isinstance(view, Passage):
        raise RangeError(
            f'{WHERE}: output="png" draws heat maps, style="attention" and "similarity"; for '
            'style="salience" ask for output="html" or "text"'
        )
    return png.heat_map(view if isinstance(view, HeatMap) else heat_of_explanation(view))


def _shown(picture: Any, kind: str, in_jupyter: bool) -> Any:
    """Return the picture, or display it as this kind of content."""
    if not in_jupyter:
        return picture
    from IPython.display import display

    return display({kind: picture}, raw=True)
