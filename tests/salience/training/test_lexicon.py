import pytest

from salience.errors import RangeError
from salience.model.vocab import Vocabulary
from salience.training.lexicon import Lexicon, composed

COUNTS = {"学": 9, "大": 8, "的": 7, ",": 6, "python": 3, "生": 2, "a": 1, "b": 1}
LEXICON = Lexicon({"大学": 5, "学生": 2, "未知": 9}, {"學": "学"})


def test_words_and_characters_are_known_and_rare_words_give_way():
    found, counts = composed(Vocabulary(list(COUNTS), 4), COUNTS, LEXICON, 8)
    assert found.words == ["学", "大", "的", ",", "python", "生", "大学", "学生"]
    assert (found.reading, found.spellings, found.buckets) == ("composed", {"學": "学"}, 4)
    assert (counts["大学"], counts["学"]) == (5, 9)


def test_characters_of_words_are_never_left_out():
    small = Vocabulary(list(COUNTS)[:4], 0)
    found, _ = composed(small, COUNTS, LEXICON, 2)
    assert found.words == ["学", "大", "大学"]


def test_a_lexicon_needs_a_tokenizer_of_characters():
    with pytest.raises(RangeError, match="whose tokenizer finds the characters"):
        composed(Vocabulary(["大学", "学生"], 0), {"大学": 1, "学生": 1}, LEXICON, 9)
