"""Pictures where they are put: in Markdown, in a notebook, in HTML that must stay what it is."""

import warnings
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

from spacy_salience import render
from spacy_salience.explanations.explain import Explanation
from spacy_salience.pictures import html
from spacy_salience.pictures.views import HeatMap, Passage

HOSTILE = "\"><script>alert('x')</script>&amp;\n\n<b title='"
LINES = "first line\n\n    four spaces\n\n\n# not a heading\r\n\r\n> no quote\tand a tab\n"


class Read(HTMLParser):
    """The text of a fragment, and its tags with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.texts, self.tags, self.attributes = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.texts.append(data)


def heat(rows, columns):
    values = np.ones((len(rows), len(columns)))
    return HeatMap(values, tuple(rows), tuple(columns), "A title", "what it means", False)


def pictures_of(name):
    """All that HTML is made of, with a name in each place that takes one."""
    values = np.ones((1, 1), np.float32)
    yield html.passage(Passage([name], [" "], np.ones(1), "en"))
    yield html.passage(Passage(["a"], [name], np.ones(1), "en"))
    yield html.passage(Passage(["a"], [""], np.ones(1), name))
    yield html.heat_map(heat([name], ["column"]))
    yield html.heat_map(heat(["row"], [name]))
    yield html.heat_map(heat(["row"], ["column"])._replace(title=name))
    yield html.heat_map(heat([], ["column"])._replace(title=name))
    yield html.heat_map(heat(["row"], ["column"])._replace(meaning=name))
    for labels in (((name,), ("b",)), (("a",), (name,))):
        yield html.explanation(Explanation(1.0, labels, values))
        wide = np.ones((1, 300), np.float32)
        many = (labels[0], labels[1] * 300)
        yield html.explanation(Explanation(1.0, many, wide))
    yield html.page("", name)


PLAIN = [Read(picture) for picture in pictures_of("name")]


@pytest.mark.parametrize("name", [HOSTILE, '"', "'", "<", "&", "&lt;", "a\"b'c<d>e&f\n\ng"])
def test_a_name_stays_a_name_wherever_it_goes(name):
    for picture, plain in zip(pictures_of(name), PLAIN, strict=True):
        read = Read(picture)
        assert read.tags == plain.tags  # no tag more, and none that ends early
        assert [key for key, _ in read.attributes] == [key for key, _ in plain.attributes]


def test_a_label_has_its_whole_name_as_its_title():
    name = "a \"quoted\" <b> & 'c'"
    read = Read(html.heat_map(heat([name], ["column"])))
    titles = [value for key, value in read.attributes if key == "title"]
    assert titles == ["column", name, f"{name} \u2013 column: 1"]


@pytest.mark.parametrize("style", ["salience", "attention", "similarity"])
@pytest.mark.parametrize("text", [LINES, "\n\n", " \n \n a", "a\r\rb", HOSTILE])
def test_a_fragment_is_one_line_so_that_markdown_takes_it_whole(en_small, style, text):
    doc = en_small(text)
    item = (doc, en_small("Another text.")) if style == "similarity" else doc
    assert len(render(item, style, jupyter=False).splitlines()) == 1


def test_commonmark_leaves_a_fragment_as_it_is(en_small):
    markdown = pytest.importorskip("markdown_it", reason="of rich, which typer may come without")
    fragment = render(en_small(LINES), jupyter=False)
    page = markdown.MarkdownIt("commonmark").render(f"before\n\n{fragment}\n\nafter\n")
    assert page == f"<p>before</p>\n{fragment}\n<p>after</p>\n"


def test_the_text_looks_as_it_did(en_small):
    read = Read(render(en_small(LINES), jupyter=False))
    assert "".join(read.texts).startswith(LINES.replace("\r\n", "\n"))


def test_a_page_is_returned_in_a_notebook_too(en_small, monkeypatch):
    monkeypatch.setattr("spacy_salience.explanations.render.is_in_jupyter", lambda: True)
    doc = en_small("A page.")
    for jupyter in (None, True, False):
        assert render(doc, page=True, jupyter=jupyter).startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("output", ["html", "text"])
@pytest.mark.parametrize("style", ["salience", "attention", "similarity"])
def test_the_end_of_a_line_of_windows_is_one_end(en_small, style, output):
    doc = en_small("One line.\r\nAnother line.\r\n\r\nThe last.")
    drawn = unescape(render((doc, doc) if style == "similarity" else doc, style, output=output,
                            jupyter=False))  # fmt: skip
    assert "\u240d" not in drawn
    assert "\r" not in drawn
    alone = render(en_small("a\rb \x0b c"), output="text", jupyter=False)
    assert "\u240d" in alone
    assert "\u240b" in alone


def test_letters_without_a_font_are_warned_of_once(en_small, monkeypatch):
    pytest.importorskip("matplotlib", reason="of the extra plot")
    from spacy_salience.pictures import png

    monkeypatch.setattr(png, "FONTS", png.FONTS[:1])
    words = [
        "\u4eca\u5929",
        "\u4e0b\u96e8",
        "\U0001f600",
        "\u0645\u0631\u062d\u0628\u0627",
        "a\r\n",
    ]
    doc = en_small(Doc(spacy.blank("en").vocab, words=words))
    with pytest.warns() as told:
        content = render(doc, style="attention", output="png", jupyter=False)
    assert content.startswith(b"\x89PNG")
    assert [each.category for each in told] == [png.FontWarning]
    message = str(told[0].message)
    assert "font.family" in message
    assert not any(word in message for word in words)
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        render(
            en_small("Latin, \u0416 and \u03b1."), style="attention", output="png", jupyter=False
        )


def test_a_font_that_is_named_is_used(monkeypatch):
    matplotlib = pytest.importorskip("matplotlib", reason="of the extra plot")
    from spacy_salience.pictures import png

    with matplotlib.rc_context({"font.family": ["STIXGeneral", "No Such Font"]}):
        assert png._fonts_for("\u4eca")[-1] == "STIXGeneral"
