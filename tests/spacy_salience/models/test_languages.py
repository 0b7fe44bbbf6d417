"""Blank pipelines of languages, by their codes."""

import warnings

import pytest
from spacy.language import Language
from spacy.util import registry

from salience.errors import LanguageWarning, MissingPackageError, RangeError
from spacy_salience.models.languages import blank, code_of, differ, warn_of_language


@pytest.mark.parametrize("lang", ["en", "de", "zh", "ar", "xx"])
def test_a_blank_pipeline_reads_texts_of_any_length(lang):
    nlp = blank(lang)
    assert nlp.lang == lang
    assert not nlp.pipe_names
    assert nlp.max_length == 10**9


def test_an_alias_is_the_same_language():
    assert blank("eng").lang == code_of("eng") == "en"


def test_a_language_of_ones_own_is_one():
    class Own(Language):
        lang = "salience_own"

    registry.languages.register("salience_own", func=Own)
    assert blank("salience_own").lang == "salience_own"


@pytest.mark.parametrize(
    "lang", ["", "qq", "EN", "en-US", "en.stop_words", "lex_attrs", "../en", "\ud800"], ids=ascii
)
def test_no_language_is_refused_by_its_name(lang):
    with pytest.raises(RangeError, match="of a language that spaCy has, such as en, got '") as told:
        blank(lang)
    assert repr(lang) in str(told.value)


def test_a_tokenizer_without_its_package_names_it(monkeypatch):
    def missing(lang):
        raise ImportError("Japanese support requires SudachiPy")

    monkeypatch.setattr("spacy_salience.models.languages.spacy.blank", missing)
    with pytest.raises(MissingPackageError, match=r"tokenizer of 'ja' needs.*requires SudachiPy"):
        blank("ja")


@pytest.mark.parametrize(
    ("model", "lang", "other"),
    [
        ("en", "de", True),
        ("zh", "en", True),
        ("en", "en", False),
        ("en", "xx", False),
        ("xx", "de", False),
        (None, "de", False),
        ("en", "", False),
        ("en", None, False),
    ],
)
def test_languages_differ_where_both_are_known(model, lang, other):
    assert differ(model, lang) is other
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert warn_of_language("here", model, lang) is other
    assert [each.category for each in told] == [LanguageWarning] * other


def test_the_warning_names_what_was_expected_what_came_and_what_to_do():
    with pytest.warns(LanguageWarning) as told:
        warn_of_language("here", "en", "de")
    message = str(told[0].message)
    assert message.startswith("here: expected texts read as 'en', the model's language, got 'de'")
    assert "`salience distil --lang de`" in message
