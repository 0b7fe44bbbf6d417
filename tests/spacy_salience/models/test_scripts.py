"""Scripts of texts and of words."""

import pytest

from spacy_salience.models.scripts import script_of, scripts_of


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("the harbour froze", "Latin"),
        ("\uff41\uff42\uff43 \U0001d41b\U0001d428\U0001d425\U0001d41d", "Latin"),  # wide, bold
        ("e\u0301\u0301\u0301t\u0301a\u0301t", "Latin"),
        ("Привет мир", "Cyrillic"),
        ("你好。世界", "Han"),
        ("使用 Python 进行 machine learning 的教程", "Han"),
        ("カタカナ ｶﾀｶﾅ ひらがな コーヒー", "Kana"),
        ("안녕하세요", "Hangul"),
        ("مرحبا بالعالم", "Arabic"),
        ("שלום", "Hebrew"),
        ("สวัสดี", "Thai"),
        ("नमस्ते", "Devanagari"),
        ("100 µm", "Greek"),
        ("1234 -- \U0001f600\U0001f600 \ud800", ""),
        ("", ""),
    ],
    ids=ascii,
)
def test_the_script_is_that_of_most_letters(text, script):
    assert script_of(text) == script


def test_too_few_letters_say_nothing():
    assert script_of("100 µm", 4) == ""
    assert script_of("β-carotene", 4) == "Latin"
    assert script_of("好", 4) == "Han"


def test_words_have_the_scripts_of_many_of_their_letters():
    russian = ["гавань", "лодки", "остались", "порту", "что", "как", "это", "-", "1999"]
    assert scripts_of([*russian, "the"]) == {"Cyrillic"}
    assert scripts_of([*russian, "the", "harbour"]) == {"Cyrillic", "Latin"}
    assert scripts_of([*"今天气很好港口", *"python"]) == {"Han"}
    assert scripts_of([*russian, "the"], 0) == {"Cyrillic", "Latin"}
    assert scripts_of(["1", "-", ""]) == frozenset()


def test_who_writes_kana_writes_han():
    assert scripts_of(["の", "は", "を"]) == {"Kana", "Han"}
