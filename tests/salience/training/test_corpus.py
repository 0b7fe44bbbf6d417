import io

import numpy as np
import pytest

from salience.errors import WeightsError
from salience.training.corpus import batches, corpus_of, is_written, read_corpus, write_corpus

TEXTS = [["the", "cat"], [], ["a", "cat", "sat", "\n", "caf\xe9"], ["the"]]


@pytest.fixture(params=["memory", "disk"])
def corpus(request, tmp_path):
    return corpus_of(TEXTS) if request.param == "memory" else write_corpus(iter(TEXTS), tmp_path)


def test_holds_all_sentences(corpus):
    assert len(corpus) == 4
    words, places = corpus.sentences(np.arange(4), longest=99)
    assert [corpus.words[number] for number in words.data] == [
        word for text in TEXTS for word in text
    ]
    assert words.starts.tolist() == [0, 2, 2, 7, 8]
    assert places.tolist() == list(range(8))


def test_gives_sentences_in_any_order_cut_to_a_length(corpus):
    words, places = corpus.sentences(np.array([3, 1, 2]), longest=2)
    assert [corpus.words[number] for number in words.data] == ["the", "a", "cat"]
    assert words.starts.tolist() == [0, 1, 1, 3]
    assert places.tolist() == [7, 2, 3]


def test_counts_its_words(corpus):
    assert corpus.counts() == {"the": 2, "cat": 2, "a": 1, "sat": 1, "\n": 1, "caf\xe9": 1}


def test_a_corpus_is_there_when_all_of_it_is(tmp_path):
    def broken():
        yield ["the"]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_corpus(broken(), tmp_path)
    assert not is_written(tmp_path)
    written = write_corpus(TEXTS, tmp_path)
    assert is_written(tmp_path)
    again = read_corpus(tmp_path)
    assert again.words == written.words
    assert again.tokens.tolist() == written.tokens.tolist()
    assert not list(tmp_path.glob("*.part"))


DAMAGE = {
    "words.json": [b"", b"{", b"5", b"[5]", b'{"the": 0}', b'["the"]', b"\xff", None],
    "tokens.npy": [b"", b"junk", "cut", "flipped", "floats", None],
    "starts.npy": [b"", b"junk", "cut", "flipped", "floats", None],
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_corpus_is_named(tmp_path, name):
    for damage in DAMAGE[name]:
        write_corpus(TEXTS, tmp_path)
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).unlink()
        given = {"cut": content[:-3], "flipped": content[:-1] + b"\x7f", "floats": floats()}
        if damage is not None:
            (tmp_path / name).write_bytes(given.get(damage, damage))
        with pytest.raises(WeightsError, match="expected the words of the texts, could not read"):
            read_corpus(tmp_path)


def floats():
    file = io.BytesIO()
    np.save(file, np.zeros(8))
    return file.getvalue()


def test_tokens_are_what_numpy_saves(tmp_path):
    corpus = write_corpus(TEXTS, tmp_path / "ours")
    np.save(tmp_path / "tokens.npy", np.asarray(corpus.tokens))
    ours = (tmp_path / "ours" / "tokens.npy").read_bytes()
    assert ours == (tmp_path / "tokens.npy").read_bytes()


def test_nothing_that_was_planted_is_written_to(tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    for name in ("tokens.npy.part", "tokens.npy", "starts.npy", "words.json"):
        (tmp_path / name).symlink_to(victim)
    assert write_corpus(TEXTS, tmp_path).tokens.tolist() == corpus_of(TEXTS).tokens.tolist()
    assert victim.read_bytes() == b"precious"


def test_of_no_sentences(tmp_path):
    for corpus in (corpus_of([]), write_corpus([], tmp_path), corpus_of([[], []])):
        assert not corpus.counts()
        assert not len(corpus.sentences(np.arange(len(corpus)), 9)[0].data)


def test_batches_hold_every_sentence_that_has_words_once():
    lengths = np.random.default_rng(0).integers(0, 40, 1000)
    found = list(batches(lengths, 64, epoch=0, seed=1))
    assert sorted(np.concatenate(found)) == np.flatnonzero(lengths).tolist()
    assert {len(batch) for batch in found} <= {60, 61, 62, 63, 64, 65, 66, 67, 68}


def test_batches_are_of_like_length_in_an_order_of_seed_and_epoch():
    lengths = np.random.default_rng(0).integers(1, 40, 1000)
    spread = np.mean([np.ptp(lengths[batch]) for batch in batches(lengths, 50, 0, 1)])
    assert spread < 5
    first = [batch.tolist() for batch in batches(lengths, 50, 0, 1)]
    assert first == [batch.tolist() for batch in batches(lengths, 50, 0, 1)]
    for epoch, seed in ((1, 1), (0, 2)):
        assert first != [batch.tolist() for batch in batches(lengths, 50, epoch, seed)]
