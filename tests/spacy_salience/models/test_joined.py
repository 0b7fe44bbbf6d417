import numpy as np
import pytest
import spacy
from spacy.attrs import NORM, SPACY
from spacy.strings import get_string_id
from spacy.tokens import Doc

from salience.types import starts_of
from spacy_salience.models.joined import join_letters

NLP = spacy.blank("zh")


def joined(*docs):
    found = [doc.to_array([NORM, SPACY]).reshape(-1, 2) for doc in docs]
    norms, spaces = np.concatenate(found).astype(np.uint64).T.copy()
    words = join_letters(norms, spaces, starts_of([len(doc) for doc in docs]))
    return [words.get(key, "-") for key in norms.tolist()], words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("用Python写代码", ["-", *["python"] * 6, "-", "-", "-"]),
        ("2006年", ["2006"] * 4 + ["-"]),
        ("\uff21\uff22\u3001ab", ["ab", "ab", "-", "ab", "ab"]),
        ("a b", ["-", "-"]),
        ("ab cd", ["ab", "ab", "cd", "cd"]),
        ("3.5", ["-", "-", "-"]),
        ("Übér", ["übér"] * 4),
        ("我爱你", ["-"] * 3),
        ("ab\ncd", ["ab", "ab", "-", "cd", "cd"]),
    ],
)
def test_letters_and_digits_spell_words(text, words):
    found, by_hash = joined(NLP(text))
    assert found == words
    assert all(get_string_id(word) == key for key, word in by_hash.items())


def test_no_word_is_of_two_documents():
    found, _ = joined(NLP("a"), NLP("b"))
    assert found == ["-", "-"]
    found, _ = joined(NLP("ab"), Doc(NLP.vocab), NLP("cd"), Doc(NLP.vocab))
    assert found == ["ab", "ab", "cd", "cd"]


def test_tokens_of_several_letters_stay():
    doc = Doc(NLP.vocab, words=["py", "thon", "a", "b"], spaces=[False] * 4)
    assert joined(doc)[0] == ["-", "-", "ab", "ab"]
