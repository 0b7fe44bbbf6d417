"""TextEncoder gives what the Docs of the same pipeline have, bit for bit."""

import asyncio
import pickle
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest
import spacy
from hypothesis import example, given
from numpy.testing import assert_array_equal

from salience.errors import DtypeError, LanguageWarning, MissingPackageError, RangeError
from spacy_salience import TextEncoder, nearest
from spacy_salience.encoding import batches, stretches
from spacy_salience.encoding.readers import ByDocs, ByNorms

from ..conftest import TEXTS, pipeline
from ..test_fuzz_text import texts as any_texts

HOSTILE = [
    *TEXTS, "", " ", "  \n", "\r\nhello\r\n\r\nworld  ", "a\x00b \x00", "=-=-= ---- ....",
    "<b>Bold</b> <a href='https://a.b/c?d=e'>here</a>", "\uff28\uff45\uff4c\uff4c\uff4f \uff11",
    "\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f \U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7",
    "he 's n't here , they 'll see ; don't can't", "on Jan . 5 at 5 p.m . : ) :) 8 )",
    "\u4f60\u597d\u4e16\u754c spaCy 3.8 \u81ea\u7136\u8bed\u8a00\u5904\u7406", "x" * 5000,
    "word " * 3000, "\u202eabc\ufeff \u200d",
]  # fmt: skip


@cache
def both(name):
    lang = "zh" if name == "zh_small" else "en"
    nlp = spacy.blank(lang)
    nlp.add_pipe("salience", config={"model": {"pretrained": name}})
    return nlp, TextEncoder(name)


def assert_same(nlp, encoder, given):
    docs = list(nlp.pipe(given))
    assert_array_equal(encoder.encode(given), np.stack([doc.vector for doc in docs]))
    for doc, vectors in zip(docs, encoder.encode_tokens(given), strict=True):
        assert vectors.dtype == np.float32
        assert_array_equal(vectors, doc.tensor)


@pytest.mark.parametrize("name", ["en_small", "en_base", "zh_small"])
@pytest.mark.filterwarnings("ignore::salience.errors.LanguageWarning")
def test_it_gives_what_docs_have(name):
    assert_same(*both(name), HOSTILE)


@given(any_texts)
@example(["he 's", "o.O o . O", "\t '", " :) : )", "C++ C ++"])
@pytest.mark.filterwarnings("ignore::salience.errors.LanguageWarning")
def test_it_gives_what_docs_of_any_text_have(given):
    nlp, encoder = both("en_small")
    for text in given:
        with nlp.memory_zone():
            try:
                doc = nlp(text)
            except UnicodeEncodeError:
                with pytest.raises(UnicodeEncodeError):
                    encoder.encode(text)
                continue
            assert_array_equal(encoder.encode(text), doc.vector)
            assert_array_equal(encoder.encode_tokens(text), doc.tensor)


@pytest.mark.filterwarnings("ignore::salience.errors.LanguageWarning")
def test_a_text_that_spacy_refuses_is_refused_and_harms_nothing():
    nlp, encoder = both("en_small")
    for text in ("\ud800", "lone \ud800 surrogate"):
        with pytest.raises(UnicodeEncodeError):
            nlp(text)
        with pytest.raises(UnicodeEncodeError):
            encoder.encode(["good", text])
    assert_same(nlp, encoder, ["lone surrogate", "good"])


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(stretches, "MOST_CHARACTERS", 50)
    nlp, encoder = both("en_small")
    known = len(encoder._reader._stretches._tokenizer.vocab.strings)
    for number in range(20):
        assert_same(nlp, encoder, [f"neverseen{number}word and otherword{number}thing"])
    assert encoder._reader._stretches._size < 200
    assert len(encoder._reader._stretches._tokenizer.vocab.strings) == known


def test_no_vector_depends_on_batches_or_threads(monkeypatch):
    _, encoder = both("en_small")
    texts = TEXTS * 3
    wanted = encoder.encode(texts)
    assert_array_equal(encoder.encode(texts, batch_size=2), wanted)
    monkeypatch.setattr(batches, "BATCH_CHARACTERS", 10)
    assert_array_equal(encoder.encode(iter(texts)), wanted)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(encoder.encode, [texts] * 8):
            assert_array_equal(found, wanted)


def test_shapes_and_forms():
    _, encoder = both("en_small")
    assert encoder.get_sentence_embedding_dimension() == 256
    assert encoder.encode("one text").shape == (256,)
    assert encoder.encode([]).shape == (0, 256)
    assert encoder.encode_tokens("one text").shape == (2, 256)
    assert encoder.encode_tokens("").shape == (0, 256)
    assert encoder.encode_tokens([]) == []
    assert encoder.encode(np.array(["a", "b"])).shape == (2, 256)
    as_list = encoder.encode(["a", "b"], convert_to_numpy=False)
    assert [row.shape for row in as_list] == [(256,)] * 2
    lengths = np.linalg.norm(encoder.encode(["a cat", ""], normalize_embeddings=True), axis=1)
    assert lengths == pytest.approx([1, 0])
    documents = encoder.embed_documents(["a cat", "a dog"])
    assert documents[0] == encoder.embed_query("a cat") == encoder.encode("a cat").tolist()


def test_other_libraries_take_it_as_it_is():
    """As LangChain asks in asyncio, and KeyBERT and BERTopic ask a pipeline of spaCy's."""
    _, encoder = both("en_small")
    wanted = encoder.embed_query("a cat")
    assert asyncio.run(encoder.aembed_query("a cat")) == wanted
    assert asyncio.run(encoder.aembed_documents(["a cat"])) == [wanted]
    assert "spacy" in str(type(encoder))
    assert "transformer" not in encoder.component_names
    assert encoder("a cat").has_vector
    assert encoder("a cat").vector.tolist() == wanted


def test_similarity_is_that_of_docs():
    nlp, encoder = both("en_small")
    rows = encoder.encode(TEXTS[:2])
    found = encoder.similarity(rows, rows[0])
    assert found.shape == (2, 1)
    assert found[1, 0] == pytest.approx(nlp(TEXTS[1]).similarity(nlp(TEXTS[0])), abs=1e-6)


def test_a_bar_is_shown_where_it_is_asked_for(capfd):
    _, encoder = both("en_small")
    encoder.encode(["a"], show_progress_bar=False)
    assert capfd.readouterr().err == ""
    encoder.encode(["a"], show_progress_bar=True)
    assert "texts" in capfd.readouterr().err


def test_a_pickle_is_small_and_gives_the_same():
    _, encoder = both("en_small")
    content = pickle.dumps(encoder)
    assert len(content) < 1000
    assert_array_equal(pickle.loads(content).encode(TEXTS), encoder.encode(TEXTS))


class Own(TextEncoder):
    """What a user makes of it, such as by mixing in a base class of another package."""


def test_a_pickle_of_a_subclass_is_one_again():
    assert type(pickle.loads(pickle.dumps(Own()))) is Own


def test_a_saved_pipeline_is_read_by_its_docs_where_it_needs_them(tmp_path, model_file):
    nlp = pipeline(model_file)
    nlp.to_disk(tmp_path / "alone")
    encoder = TextEncoder(str(tmp_path / "alone"))
    assert isinstance(encoder._reader, ByNorms)
    assert_same(nlp, encoder, TEXTS)
    nlp.add_pipe("merge_entities", first=True)
    ruler = nlp.add_pipe("entity_ruler", first=True)
    ruler.add_patterns([{"label": "PLACE", "pattern": "the house of the cat"}])
    nlp.to_disk(tmp_path / "merged")
    encoder = TextEncoder(str(tmp_path / "merged"))
    assert isinstance(encoder._reader, ByDocs)
    assert_same(nlp, encoder, TEXTS)


def test_a_tokenizer_with_a_special_case_that_holds_white_space(tmp_path, model_file):
    nlp = pipeline(model_file)
    nlp.tokenizer.add_special_case("the cat", [{"ORTH": "the "}, {"ORTH": "cat"}])
    nlp.to_disk(tmp_path)
    encoder = TextEncoder(str(tmp_path))
    assert isinstance(encoder._reader, ByNorms)
    assert_same(nlp, encoder, [*TEXTS, "the cat", "sat the cat (the cat)", "the  cat"])


def test_a_foreign_text_is_warned_of_once():
    encoder = TextEncoder("en_small")
    with pytest.warns(LanguageWarning):
        encoder.encode(["\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440"] * 3)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda e: e.encode(b"bytes"), DtypeError, "expected an iterable.*bytes"),
        (lambda e: e.encode(3), DtypeError, "got int"),
        (lambda e: e.encode(["a", None]), DtypeError, "NoneType at place 1"),
        (lambda e: e.encode_tokens([3]), DtypeError, "encode_tokens.*int at place 0"),
        (lambda e: e.encode("a", batch_size=0), RangeError, "batch_size"),
        (lambda e: TextEncoder("en_smal"), RangeError, "en_small"),
        (lambda e: TextEncoder(None), DtypeError, "NoneType"),
        (lambda e: TextEncoder(device="gpu"), RangeError, "device"),
        (lambda e: TextEncoder(num_threads=0), RangeError, "num_threads"),
        (lambda e: TextEncoder(lang="nn_no_language"), RangeError, "language"),
    ],
)
def test_errors_say_what_was_expected(call, error, text):
    with pytest.raises(error, match=text):
        call(both("en_small")[1])


def test_a_tensor_without_pytorch_is_refused(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(MissingPackageError, match="pip install torch"):
        both("en_small")[1].encode("a", convert_to_tensor=True)


def test_its_vectors_go_into_search():
    _, encoder = both("en_small")
    found = nearest(encoder.encode(TEXTS[0]), encoder.encode(TEXTS), 1)
    assert found[0][0] == 0
