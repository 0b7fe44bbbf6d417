"""Pictures on a terminal, and where there is none."""

import re
import sys

import numpy as np
import pytest

from spacy_salience import explain, render
from spacy_salience.pictures import colour, labels

from ..conftest import TEXTS

CODE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def terminal(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)


def test_colours_are_for_terminals_unless_refused(nlp, terminal, monkeypatch):
    doc = nlp(TEXTS[0])
    assert CODE.search(render(doc, output="text"))
    monkeypatch.setenv("TERM", "dumb")
    assert not CODE.search(render(doc, output="text"))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert not CODE.search(render(doc, output="text"))
    monkeypatch.setenv("NO_COLOR", "")  # empty is not set, says no-color.org
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    assert CODE.search(render(doc, output="text"))
    monkeypatch.delenv("FORCE_COLOR")
    assert not CODE.search(render(doc, output="text"))


def test_marks_follow_the_salience(nlp):
    doc = nlp("the cat sat\non mat")
    doc._.salience = np.float32([0.01, 0.4, 0.2, 0.3, 0.05, 0.04])
    lines = render(doc, output="text").splitlines()
    assert lines[:3] == ["the **cat** *sat*", "on mat", ""]
    assert lines[3] == "salience from *0.18*, **0.28** up to 0.4; all together are 1"


def test_colours_only_add_codes(nlp, terminal, monkeypatch):
    doc, other = nlp(TEXTS[1]), nlp("the cold cat")
    for item, style in ((doc, "attention"), ((doc, other), "similarity")):
        coloured = render(item, style, output="text")
        monkeypatch.setenv("NO_COLOR", "1")
        assert CODE.sub("", coloured) == render(item, style, output="text") != coloured
        monkeypatch.delenv("NO_COLOR")
    assert CODE.sub("", render(doc, output="text")).startswith(doc.text + "\n\nsalience from ")


def test_similarity_is_the_explanation_s_table(nlp):
    found = explain(nlp(TEXTS[1]), nlp("the cold cat"))
    assert render(found, "similarity", output="text") == str(found)


def test_attention_names_what_each_token_attends_to(nlp):
    doc = nlp("the cat sat")
    weights = nlp.get_pipe("salience").attention(doc).mean(axis=0)
    lines = render(doc, "attention", output="text").splitlines()
    assert len(lines) == 5
    for token, line, row in zip(doc, lines[2:], weights, strict=True):
        words = line.split()
        assert words[0] == token.text
        assert words[1::2] == [f"{row[i]:.2f}" for i in (-row).argsort(kind="stable")]
        assert words[2::2] == [doc[int(i)].text for i in (-row).argsort(kind="stable")]


@pytest.mark.parametrize("text", ["", "\x1b[2Jboo \x07 \x9b31m \u202eback", "\n", "a\tb"])
def test_the_text_cannot_steer_the_terminal(nlp, text):
    doc = nlp(text)
    for item, style in ((doc, "salience"), (doc, "attention"), ((doc, nlp("cat")), "similarity")):
        shown = render(item, style, output="text")
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", shown)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("cat", "cat"),
        ("a\n b", "a b"),
        ("\n", "\u21b5"),
        ("  \t", "\u2423\u2423\u21e5"),
        ("", ""),
        ("\u200d", "U+200D"),
        ("\x1b[0m", "\u241b[0m"),
        ("x" * 41, "x" * 39 + "\u2026"),
        ("x" * 40, "x" * 40),
        ("\u202eabc", "\ufffdabc"),
    ],
)
def test_labels(text, label):
    assert labels.visible(text) == label


def test_columns_of_a_terminal():
    assert labels.columns("cat") == 3
    assert labels.columns("\u6e2f\u53e3") == 4
    assert labels.columns("e\u0301") == 1
    assert labels.padded("\u6e2f", 4) == "\u6e2f  "


def contrast(one, other):
    """The contrast ratio of two colours (WCAG 2.1)."""

    def luminance(rgb):
        parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("share", [-1, -0.6, -0.3, 0.1, 0.3, 0.6, 1])
@pytest.mark.parametrize(("page", "ink"), [((1, 1, 1), (0, 0, 0)), ((0.07,) * 3, (1, 1, 1))])
def test_text_stays_readable_on_every_colour(share, page, ink):
    code = colour.background(share)
    rgb, alpha = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)], int(code[7:], 16) / 255
    mixed = [alpha * c + (1 - alpha) * p for c, p in zip(rgb, page, strict=True)]
    assert contrast(mixed, ink) >= 4.5
