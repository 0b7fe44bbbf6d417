"""Words of stretches are those of the tokenizer, whatever stands beside what."""

from functools import cache
from itertools import chain

import pytest
import spacy
from hypothesis import example, given
from hypothesis import strategies as st
from spacy.attrs import NORM

from spacy_salience.encoding import stretches
from spacy_salience.encoding.joints import Joints, joined
from spacy_salience.encoding.stretches import Stretches, possible, stretches_of

SPACES = "", " ", "  ", "\n", " \n ", "\t ", "\u00a0", "\u2003", "\x1f"


@cache
def both(lang):
    nlp = spacy.blank(lang)
    return nlp, Stretches(spacy.blank(lang))


def pieces(lang):
    """Special cases of a language and their tokens."""
    rules = both(lang)[0].tokenizer.rules
    halves = [case[:place] for case in rules for place in (1, 2, -1)]
    joints = Joints(both(lang)[0].tokenizer)
    tokens = chain.from_iterable([*joints._ends.values(), *joints._begins.values()])
    own = [*rules, *halves, *tokens]
    return st.sampled_from(sorted(own) + list("().,:;'\"-/"))


@st.composite
def cases(draw):
    lang = draw(st.sampled_from(["en", "de", "xx"]))
    piece = st.tuples(pieces(lang), st.sampled_from(SPACES)).map("".join)
    return lang, draw(st.lists(piece, max_size=12).map("".join))


@given(cases())
@example(("en", "he 's : ) o .O"))
def test_the_words_are_those_of_the_tokenizer(case):
    lang, text = case
    nlp, read = both(lang)
    norms, starts, _ = read.read([text, text])
    with nlp.memory_zone():
        wanted = nlp.tokenizer(text).to_array(NORM).tolist()
    assert norms.tolist() == wanted * 2
    assert starts.tolist() == [0, len(wanted), 2 * len(wanted)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", []),
        ("one two", ["one", "two"]),
        (" one", [" ", "one"]),
        ("one ", ["one"]),
        ("one  two", ["one", " ", "two"]),
        ("one\n two", ["one", "\n ", "two"]),
        ("\r\n", ["\r\n"]),
        ("one\x1ftwo", ["one", "\x1f", "two"]),
    ],
)
def test_a_text_is_divided_as_the_tokenizer_does(text, wanted):
    assert stretches_of(text) == wanted


def test_a_special_case_across_white_space_is_noticed():
    joints = Joints(both("en")[0].tokenizer)
    assert joined([joints.edges("he"), joints.edges("'s")])
    assert not joined([joints.edges("he"), joints.edges("sat")])
    assert not joined([])


def test_the_edges_of_a_stretch_are_those_of_every_pair():
    joints = Joints(both("en")[0].tokenizer)
    for bits, name in ((joints._ends, "endswith"), (joints._begins, "startswith")):
        for stretch in ("he", "she'll", "(o.o", ":)", "s", "it's", "\u4f60", "8-)"):
            wanted = 0
            for text, places in chain.from_iterable(own.items() for own in bits.values()):
                wanted |= places if getattr(stretch, name)(text) else 0
            assert joints.edges(stretch)[name == "startswith"] == wanted


def test_what_one_thread_read_is_kept_while_another_s_texts_have_all_forgotten(monkeypatch):
    monkeypatch.setattr(stretches, "MOST_CHARACTERS", 0)
    read = Stretches(spacy.blank("en"))
    first = read.read(["Zebras"])
    read.read(["Gnus"])
    assert first.strings[int(first.norms[0])] == "zebras"


def test_a_stretch_that_could_not_be_read_is_read_the_next_time(monkeypatch):
    read = Stretches(spacy.blank("en"))
    with monkeypatch.context() as patch:
        patch.setattr(read._joints, "edges", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            read.read(["Zebras"])
    assert len(read.read(["Zebras"]).norms) == 1


def test_other_tokenizers_are_not_read_by_stretches():
    assert possible(spacy.blank("en"))
    assert not possible(spacy.blank("zh"))
