"""render: what is drawn of what, and what it refuses."""

import pickle
import struct
import sys
import types
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pytest

from salience.errors import AnnotationError, MissingPackageError, RangeError
from spacy_salience import explain, render
from spacy_salience.explanations import explain as explanation
from spacy_salience.explanations import render as pictures
from spacy_salience.pictures import png, views

from ...salience.helpers import run_python
from ..conftest import TEXTS, pipeline
from ..models.test_network import network_pipeline

NASTY = [
    '<script>alert(1)</script> & "quoted" \'too\' <b onclick="x">',
    "a  b\n\n\tc \x1b[31mred\x1b[0m \u202eback\u202c end\x00",
    "\u0627\u0644\u0645\u064a\u0646\u0627\u0621 New York 25",
    "\u05d4\u05e0\u05de\u05dc \u05e7\u05e4\u05d0",
    "\u6e2f\u53e3\u7ed3\u51b0\u4e86\u3002",
    "\U0001f469\u200d\U0001f467 e\u0301te\u0301 $x_1$ $",
    "x" * 5000,
    "",
    " \n ",
    *TEXTS,
]
VOID = {"meta", "br"}


class Page(HTMLParser):
    """Reads HTML strictly: every element is closed in its turn, and nothing points outside."""

    def __init__(self, text):
        super().__init__()
        self.open, self.found, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        assert tag not in {"script", "link", "img", "iframe", "object", "a"}
        assert not {name for name in attrs if name.startswith("on") or name in ("src", "href")}
        assert "url(" not in attrs.get("style", "")
        self.found.append((tag, attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.found if name == tag]


@pytest.fixture(scope="module")
def shared(model_file):
    nlp = pipeline(model_file)
    nlp.add_pipe("sentencizer")
    return nlp


def size_of_png(content):
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", content[16:24])


@pytest.mark.parametrize("text", NASTY, ids=ascii)
@pytest.mark.parametrize("style", ["salience", "attention", "similarity"])
def test_html_is_well_formed_and_needs_nothing_from_outside(shared, text, style):
    doc = shared(text)
    item = (doc, shared(NASTY[0])) if style == "similarity" else doc
    for page in (False, True):
        drawn = Page(render(item, style, page=page))
        assert ("html" in [tag for tag, _ in drawn.found]) is page
        assert not set("".join(drawn.texts)) & set("\x00\x1b\u202e")
    assert "<script" not in render(item, style)


def test_salience_shows_the_text_and_each_share(shared):
    doc = shared("The cat <sat>\non a mat.")
    page = Page(render(doc))
    assert page.all("div")[1]["dir"] == "auto"
    assert page.all("div")[1]["lang"] == "en"
    assert "".join(page.texts).startswith(doc.text)
    marks = [attrs for attrs in page.all("span") if "title" in attrs]
    shown = [token for token in doc if not token.is_space]
    assert [mark["title"] for mark in marks] == [f"{token._.salience:.4f}" for token in shown]
    strongest = marks[int(np.argmax([token._.salience for token in shown]))]
    assert "background:#0072b2cc" in strongest["style"]


def test_salience_of_a_span_and_of_a_long_document(shared):
    doc = shared(TEXTS[1])
    assert "".join(Page(render(doc[2:5])).texts).startswith(doc[2:5].text)
    long = shared("the cat sat " * 2000)
    assert len(Page(render(long)).texts) > 2000


def test_a_heat_map_has_a_cell_for_each_pair(shared):
    a, b = shared("the cat <sat>"), shared("cold mat")
    page = Page(render((a, b), style="similarity"))
    found = explain(a, b)
    titles = [attrs["title"] for attrs in page.all("td") if "title" in attrs]
    assert len(titles) == found.contributions.size
    value = f"{found.contributions[1, 1]:+.3g}".replace("-", "\u2212")
    assert titles[3] == f"cat \u2013 mat: {value}"
    scopes = [attrs["scope"] for attrs in page.all("th")]
    assert scopes.count("col") == 2
    assert scopes.count("row") == len(a)
    assert len(page.all("bdi")) == len(a) + 2
    assert f"Similarity {found.score:.3f}" in page.texts
    assert any("adds to the similarity" in text for text in page.texts)


def test_an_explanation_shows_itself(shared):
    a, b = shared("the cat sat"), shared("cold mat")
    found = explain(a, b)
    assert found._repr_html_() == render(found, style="similarity") == render((a, b), "similarity")
    by_sentence = render(found, style="similarity", by="sentence")
    assert by_sentence == render((a, b), "similarity", by="sentence")
    assert by_sentence == render(found.by("sentence"), "similarity")
    long = Page(explain(shared("cat " * 300), a)._repr_html_())
    assert len(long.all("tr")) == 20
    assert any("the strongest of 300 x 3 pairs" in text for text in long.texts)


@pytest.mark.parametrize("by", ["word", "entity"])
def test_other_words_are_the_last_row_and_column(shared, by):
    a, b = shared("the cat sat, and the dog"), shared("it was a cold mat")
    page = Page(render((a, b), "similarity", by=by))
    labels = [
        text
        for text in page.texts
        if text in {"cat", "sat", "dog", "cold", "mat"} or "other" in text
    ]
    assert labels == ["cold", "mat", "other words", "cat", "sat", "dog", "other words"]
    assert len(page.all("i")) == 2
    value = f"{explain(a, b, by=by).contributions[3, 2]:+.3g}".replace("-", "\u2212")
    assert page.all("td")[-1]["title"] == f"other words \u2013 other words: {value}"


def test_a_word_that_is_called_other_words_looks_like_a_word(shared):
    doc = shared.get_pipe("salience")(type(shared("a"))(shared.vocab, words=["other words", "the"]))
    page = Page(render((doc, shared("mat")), "similarity", by="word"))
    assert page.texts.count("other words") == 2
    assert len(page.all("i")) == 1


def test_other_words_do_not_take_the_colours_of_content_words():
    content, values = np.array([[1.0, -2]]), np.array([[1.0, -2, 9], [9, 9, 99]])
    found = explanation.Explanation(1.0, (("a", "o"), ("b", "c", "o")), values, "word")
    view = views.heat_of_explanation(found)
    assert view.strongest == 99
    assert "content words" not in view.meaning
    found = replace(found, others=(True, True))
    view = views.heat_of_explanation(found)
    np.testing.assert_array_equal(found.content, content)
    assert view.strongest == 2
    assert "scale is that of content words" in view.meaning
    alone = views.heat_of_explanation(replace(found, contributions=np.zeros((2, 3)) + values[1]))
    assert alone.strongest == 9
    alone = explanation.Explanation(5.0, (("o",), ("o",)), np.array([[5.0]]), others=(True, True))
    assert views.heat_of_explanation(alone).strongest == 5
    assert "content words" not in views.heat_of_explanation(alone).meaning


def test_a_table_of_a_long_explanation_ends_with_other_words(shared):
    words = " ".join(f"w{i}" for i in range(250))
    found = explain(shared(f"the {words}, and so it was"), shared("the cold cat"), by="word")
    page = Page(found._repr_html_())
    assert len(page.all("tr")) == 21
    assert page.texts[-2:] == ["other words", " (253 pairs)"]
    assert len(page.all("i")) == 1
    assert any("; the 480 others add " in text for text in page.texts)


def test_attention_of_rows_of_a_span_and_of_a_head(shared):
    doc = shared(TEXTS[1])
    weights = shared.get_pipe("salience").attention(doc)
    whole = views.heat_of_attention(doc, None, None, None)
    np.testing.assert_allclose(whole.values, weights.mean(axis=0))
    of_rows = views.heat_of_attention(doc, (2, 5), 1, None)
    used = np.flatnonzero(weights[1, 2:5].any(axis=0))
    np.testing.assert_array_equal(of_rows.values, weights[1, 2:5, used[0] : used[-1] + 1])
    assert of_rows.rows == tuple(token.text for token in doc[2:5])
    assert of_rows.columns == tuple(token.text for token in doc[used[0] : used[-1] + 1])
    of_span = views.heat_of_attention(doc[3:9], (1, 4), None, None)
    np.testing.assert_allclose(of_span.values, weights.mean(axis=0)[4:7, 3:9])
    assert of_span.columns == tuple(token.text for token in doc[3:9])


def test_attention_of_an_encoder_that_learns(model_file):
    nlp = network_pipeline(model_file)
    assert "head 1" in render(nlp(TEXTS[0]), "attention", head=1)
    without = network_pipeline(model_file, "no attention")
    with pytest.raises(AnnotationError, match="found one of heads = 0"):
        render(without(TEXTS[0]), "attention")


@pytest.mark.filterwarnings("ignore:.*W109.*")
def test_attention_needs_the_pipeline(shared):
    doc = shared(TEXTS[0])
    content = pickle.dumps(doc)
    assert b"AttentionHook" in content
    assert b"Salience" not in content  # the component and its model stay here
    back = pickle.loads(content)
    for lost in (back, shared.make_doc("cat"), type(doc)(doc.vocab).from_bytes(doc.to_bytes())):
        with pytest.raises(AnnotationError, match=r"give it as render\(\.\.\., nlp=nlp\)"):
            render(lost, "attention")
    assert render(back, "attention", nlp=shared) == render(doc, "attention")


def test_of_two_components_the_attention_is_the_last_one_s(model_file):
    nlp = network_pipeline(model_file)
    nlp.add_pipe("salience", name="second", config={"model": {"pretrained": str(model_file)}})
    doc = nlp("the cat sat on the mat")
    assert render(doc, "attention") == render(doc, "attention", nlp=nlp)
    before = render(doc, "attention")
    nlp.get_pipe("salience")(doc[:3].as_doc())  # which shares its hooks with the document
    assert render(doc, "attention") == before


def test_more_than_can_be_read_is_refused_with_advice(shared, monkeypatch):
    long, short = shared("cat " * 201), shared("a mat")
    read = r"cannot be read, at most 200 x 200 can; ask for part of it: "
    for output in ("html", "png"):
        with pytest.raises(RangeError, match=rf"^attention: .* 201 x 201 {read}rows=\(0, 100\)"):
            render(long, "attention", output=output)
        with pytest.raises(RangeError, match=rf'^similarity: .* 2 x 201 {read}by="sentence"'):
            render((short, long), "similarity", output=output)
    assert render(long[:200], "attention")
    assert render(long, "attention", rows=(100, 110))
    assert render((long, short), "similarity", by="sentence")
    assert render((long, short), "similarity", output="text")
    monkeypatch.setattr(pictures, "explain", None)  # it is refused before it is computed
    with pytest.raises(RangeError, match="cannot be read"):
        render((short, long), "similarity")


def test_wrong_arguments_are_named(shared):
    doc = shared("a cat")
    for text, call in {
        "style must be one of salience, attention, similarity; got 'ent'": lambda: render(
            doc, "ent"
        ),
        "output must be one of html, text, png; got 'svg'": lambda: render(doc, output="svg"),
        "draws heat maps": lambda: render(doc, output="png"),
        "head must be one of 0..1, got 2": lambda: render(doc, "attention", head=2),
        "rows must lie within the document's 2 tokens, got 0..3": lambda: render(
            doc, "attention", rows=(0, 3)
        ),
        "rows must be a first and a last token, got 1": lambda: render(doc, "attention", rows=1),
    }.items():
        with pytest.raises(RangeError, match=text):
            call()
    for text, call in {
        "expected a pair of Docs or Spans, .* got Doc": lambda: render(doc, "similarity"),
        "expected a Doc or a Span for style='salience', got tuple": lambda: render((doc, doc)),
        r"nlp\.add_pipe": lambda: render(shared.make_doc("cat")),
    }.items():
        with pytest.raises(AnnotationError, match=text):
            call()


@pytest.fixture
def notebook(monkeypatch):
    """What a notebook displays."""
    shown = []
    fake = types.ModuleType("IPython.display")
    fake.display = lambda data, raw: shown.append(data)
    package = types.ModuleType("IPython")
    package.version_info = (9, 0, 0)
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", fake)
    return shown


def test_in_jupyter_it_is_displayed(shared, notebook, monkeypatch):
    doc = shared("the cat sat")
    assert render(doc, jupyter=True) is None
    assert notebook.pop() == {"text/html": render(doc, jupyter=False)}
    monkeypatch.setattr(pictures, "is_in_jupyter", lambda: True)
    assert render(doc, output="text") is None
    assert "\x1b[" in notebook.pop()["text/plain"]
    assert render(doc, "attention", output="png") is None
    assert size_of_png(notebook.pop()["image/png"])
    assert render(doc, jupyter=False) is not None
    assert not notebook


@pytest.mark.parametrize("text", NASTY[: -len(TEXTS)], ids=ascii)
def test_png_can_be_decoded(shared, text):
    from matplotlib.image import imread

    doc = shared(text)
    for item, style in ((doc, "attention"), ((doc, shared("a cat")), "similarity")):
        content = render(item, style, output="png")
        width, height = size_of_png(content)
        pixels = imread(BytesIO(content))
        assert pixels.shape[:2] == (height, width)
        assert pixels[..., :3].min() < 0.5
        assert max(width, height) < 2500


def test_png_leaves_the_users_matplotlib_alone():
    script = """
import sys, matplotlib, spacy
from spacy_salience import render
nlp = spacy.blank("en")
nlp.add_pipe("salience")
matplotlib.use("svg")
before = dict(matplotlib.rcParams)
render(nlp("the cat"), "attention", output="png")
assert dict(matplotlib.rcParams) == before
print("matplotlib.pyplot" in sys.modules)
"""
    assert run_python(script) == "False"


def test_the_label_of_other_words_is_slanted_in_a_png(shared):
    from matplotlib.figure import Figure

    found = explain(shared("the cat sat"), shared("a mat"), by="word")
    figure = Figure()
    png._draw(figure, views.heat_of_explanation(found))
    axes = figure.axes[0]
    for labels, names in (
        (axes.get_yticklabels(), found.labels[0]),
        (axes.get_xticklabels(), found.labels[1]),
    ):
        assert [label.get_text() for label in labels] == list(names)
        assert [label.get_fontstyle() for label in labels] == ["normal"] * (len(names) - 1) + [
            "italic"
        ]


def test_a_png_has_the_colours_of_its_values():
    view = views.HeatMap(np.array([[1.0, -1.0]]), ("a",), ("b", "c"), "title", "meaning", True)
    from matplotlib.image import imread

    pixels = (imread(BytesIO(png.heat_map(view)))[..., :3] * 255).round().astype(int)
    seen = {tuple(colour) for colour in pixels.reshape(-1, 3).tolist()}
    assert {(0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)} <= seen


def test_without_matplotlib_the_extra_is_named(shared, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'salience\[plot\]'"):
        render(shared("the cat"), "attention", output="png")
