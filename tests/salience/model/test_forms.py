import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.model.forms import is_blank, is_sign, normal_form

ANY = st.text(st.characters(), max_size=40)


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("cafe\u0301", "café"),
        ("Zu\u0308rich", "zürich"),
        ("o\ufb03ce", "office"),
        ("\uff46\uff55\uff4c\uff4c", "full"),
        ("\uff12\uff10\uff12\uff16", "2026"),
        ("in\u00adfor\u00admation", "information"),
        ("in\u200bfor\u200dmation", "information"),
        ("\ufeffHello", "hello"),
        ("don\u00b4t", "don't"),
        ("don`t", "don't"),
        ("don\u2032t", "don't"),
        ("don\uff07t", "don't"),
        ("e\u2011mail", "e-mail"),
        ("\U0001d41b\U0001d428\U0001d425\U0001d41d", "bold"),
        ("\u24bd\u24d4\u24db\u24db\u24de", "hello"),
        ("\u2764\ufe0f", "\u2764"),
        ("\U0001f44d\U0001f3fd", "\U0001f44d"),
        ("\ufe0f", ""),
        ("\u200d", ""),
        ("Don't", "don't"),
    ],
)
def test_one_form_for_all_spellings(written, form):
    assert normal_form(written) == form


@given(word=ANY)
def test_a_form_is_its_own_form(word):
    assert normal_form(normal_form(word)) == normal_form(word)


@given(word=ANY)
def test_a_form_does_not_depend_on_how_accents_are_written(word):
    assert normal_form(unicodedata.normalize("NFD", word)) == normal_form(
        unicodedata.normalize("NFC", word)
    )


@pytest.mark.parametrize(
    "word", ["=", "\u2500\u2500", "\U0001f600", ":-)", "...", "\u2192", "\u20ac", "\u0301"]
)
def test_a_sign_has_no_letter_and_no_digit(word):
    assert is_sign(word)


@pytest.mark.parametrize("word", ["a", "7", "\u00bd", "n't", ":D", "\u4e2d", "c++"])
def test_a_word_has_a_letter_or_a_digit(word):
    assert not is_sign(word)


@pytest.mark.parametrize("word", [" ", "\n\n", "\u00a0", "\u3000", "\u200b", "\ufeff", ""])
def test_what_cannot_be_seen_is_blank(word):
    assert is_blank(word)
