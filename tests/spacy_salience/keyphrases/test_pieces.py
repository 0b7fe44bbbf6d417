"""What is a word, and which spellings are the same."""

import pytest

from spacy_salience import keywords

from .conftest import words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cafe\u0301", "caf\xe9"), ("un\xadlucky", "unlucky"), ("o\ufb03ce", "office"),
        ("o\u2019clock", "o'clock"), ("well\u2010known", "well-known"),
        ("\uff23\uff21\uff34", "cat"), ("caf&eacute;", "caf\xe9"),
        ("hid\u200cden", "hidden"), ("a<b>part</b>ment", "apartment"),
        ("Moore\u2019s", "moore"), ("begin-\n  ning", "beginning"),
        ("Car-\r\nrow", "carrow"), ("cafe\u0301-bar", "caf\xe9-bar"),
    ],
)  # fmt: skip
def test_spellings_of_a_word_are_one_keyword(nlp, one, other):
    assert words(nlp(one)) == words(nlp(other)) == {other}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("covid 19 spreads", {"covid 19 spreads"}),
        ("the 5g network", {"5g network"}),
        ("42 and 3.14 and 1,000", set()),
        ("12 cats", {"cats"}),
        ("ring 555-0142 or +49 (0)30 5550142", {"ring"}),
        ("at 10:30, 6pm, 5:40 A.M. on 2026-10-07", set()),
        ("10 km and 10.2km and 90 s", set()),
        ("1. cat\n2. dog", {"cat", "dog"}),
        ("a 60% rise of $5", {"rise"}),
        ("x = y \u2605 \u2192 b", set()),
        ("\u2605\u2605 stars \u2605", {"stars"}),
        ("it won't, ain't, can't, dont, don\xb4t, I'm, im, y'all, they'd", set()),
        ("e.g. cats, i.e. dogs, etc.", {"cats", "dogs"}),
        ("the U.S. Army of the U.S.", {"u.s. army"}),
        ("\uff34\uff28\uff25 cat", {"cat"}),
        ("#cats #dogs", {"cats", "dogs"}),
        ("on-line help, state-of-the-art", {"on-line help", "state-of-the-art"}),
        ("R&D at AT&amp;T", {"r&d", "at&t"}),
    ],
)
def test_what_a_person_would_give(nlp, text, expected):
    assert words(nlp(text)) == expected


def test_a_word_of_two_lines_is_one_word_of_its_phrase(nlp):
    found = keywords(nlp("The cor-\nporation, a corporation, cold corporation."))
    assert len(found) == 1
