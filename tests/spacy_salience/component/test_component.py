"""What the component leaves on a Doc."""

import warnings

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

import salience
from salience import threads
from salience.errors import AnnotationError, RangeError
from spacy_salience import similarity, vector_of
from spacy_salience.component import component as component_module
from spacy_salience.models.served import served

from ..conftest import TEXTS
from ..models.test_network import SMALL
from ..models.test_network_training import LISTENER, examples_for, tagger


def test_add_pipe_works_at_once_with_the_embedded_model(en_small):
    doc = en_small("A cat sat on the mat.")
    assert doc.tensor.shape == (7, 256)
    assert doc.tensor.dtype == np.float32
    assert doc._.salience_vector.shape == (256,)
    assert np.isclose(doc._.salience.sum(), 1)
    assert np.isclose(doc._.attention.sum(), 1)


def test_similarity_of_the_embedded_model_follows_meaning(en_small):
    frozen = en_small("The harbour froze and the boats stayed in port.")
    ice = en_small("Ice closed the port, and no ship could leave.")
    bread = en_small("Knead the dough and bake the bread in a hot oven.")
    assert frozen.similarity(ice) > frozen.similarity(bread) + 0.1


def test_frequent_words_are_less_salient(en_small):
    doc = en_small("the lighthouse of the island")
    assert doc[1]._.salience > 5 * doc[0]._.salience


def test_the_same_word_differs_by_context(en_small):
    river, money = en_small("the bank of the river"), en_small("the bank lent money")
    assert not np.allclose(river[1].vector, money[1].vector)


def test_document_vector_is_the_salience_weighted_sum(nlp):
    doc = nlp(TEXTS[1])
    np.testing.assert_allclose(doc.vector, doc._.salience @ doc.tensor, atol=1e-6)
    np.testing.assert_allclose(doc[:].vector, doc.vector, atol=1e-6)


def test_token_and_span_answer_from_the_tensor(nlp):
    doc = nlp(TEXTS[1])
    assert np.array_equal(doc[3].vector, doc.tensor[3])
    weights = doc._.salience[2:5] / doc._.salience[2:5].sum()
    np.testing.assert_allclose(doc[2:5].vector, weights @ doc.tensor[2:5], atol=1e-6)
    assert doc[3]._.salience == doc._.salience[3]
    assert doc.has_vector
    assert doc[3].has_vector
    assert doc[2:5].has_vector


def test_similarity_is_the_cosine_without_warnings(nlp):
    a, b = nlp(TEXTS[0]), nlp(TEXTS[1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # W007 and W008 among them
        found = [a.similarity(b), a[1].similarity(b[2]), a[1:3].similarity(b), a[1].similarity(b)]
    pairs = [(a, b), (a[1], b[2]), (a[1:3], b), (a[1], b)]
    expected = [
        x.vector @ y.vector / (np.linalg.norm(x.vector) * np.linalg.norm(y.vector))
        for x, y in pairs
    ]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert a.similarity(a) == 1


def test_an_empty_document_has_a_zero_vector_and_similarity_0(nlp):
    empty = nlp("")
    assert empty.vector.shape == (16,)
    assert not empty.has_vector
    assert empty.similarity(nlp("cat")) == 0
    assert empty._.salience.shape == empty._.attention.shape == (0,)


def test_attention_agrees_with_what_is_received(nlp):
    doc = nlp(TEXTS[1])
    weights = nlp.get_pipe("salience").attention(doc)
    assert weights.shape == (2, len(doc), len(doc))
    np.testing.assert_allclose(weights.sum(axis=2), 1, atol=1e-5)
    np.testing.assert_allclose(weights.mean(axis=(0, 1)), doc._.attention, atol=1e-6)


def test_attention_of_some_rows_equals_those_of_all(nlp):
    component, doc = nlp.get_pipe("salience"), nlp(TEXTS[4])
    some = component.attention(doc, rows=(11, 40))
    np.testing.assert_array_equal(some, component.attention(doc)[:, 11:40])


def test_too_much_attention_is_refused_with_advice(nlp):
    doc = Doc(nlp.vocab, words=["cold"] * 20_000)
    most = 2**30 // (2 * 20_000 * np.float32().itemsize)  # of two heads, and not one row more
    refused = rf"exceed 1 GiB; ask for at most {most} rows at once, such as rows=\(7, {7 + most}\)"
    with pytest.raises(RangeError, match=refused):
        nlp.get_pipe("salience").attention(doc, rows=(7, 8 + most))
    with pytest.raises(RangeError, match=rf"ask for at most {most} rows"):
        nlp.get_pipe("salience").attention(doc)
    assert nlp.get_pipe("salience").attention(doc, rows=(5, 6)).shape == (2, 1, 20_000)


def test_a_long_document_is_read_a_window_at_a_time(nlp):
    component, doc = nlp.get_pipe("salience"), nlp("the cold cat sat on a mat " * 300)
    whole = component.attention(doc)
    for first in range(0, len(doc), 500):
        rows = (first, min(first + 500, len(doc)))
        np.testing.assert_array_equal(component.attention(doc, rows=rows), whole[:, slice(*rows)])


@pytest.mark.parametrize("rows", [(1,), 3, "ab", (0.0, 1.0), (1, 2, 3)])
def test_rows_that_are_no_pair_are_refused(nlp, rows):
    with pytest.raises(RangeError, match=r"^attention: rows must be a first and a last token, got"):
        nlp.get_pipe("salience").attention(nlp("the cat sat"), rows=rows)


@pytest.mark.parametrize("rows", [(-1, 2), (2, 1), (0, 4), (10**9, 2 * 10**9)])
def test_rows_outside_of_the_document_are_refused(nlp, rows):
    with pytest.raises(RangeError, match=r"^attention: rows must lie within the document's 3 tok"):
        nlp.get_pipe("salience").attention(nlp("the cat sat"), rows=rows)


def test_before_processing_there_is_nothing(nlp):
    doc = nlp.make_doc("the cat")
    assert doc._.salience is None
    assert doc[0]._.salience is None
    with pytest.raises(AnnotationError, match=r"nlp\.add_pipe"):
        vector_of(doc)
    with pytest.raises(AnnotationError, match="not processed"):
        vector_of(doc[0])


def test_split_tokens_are_refused_by_every_reader(nlp):
    doc = nlp("the cats sat")
    with doc.retokenize() as retokenizer:
        retokenizer.split(doc[1], ["cat", "s"], heads=[doc[0], doc[0]])
    for read in (lambda: doc._.salience, lambda: doc._.attention, lambda: doc[2]._.salience):
        with pytest.raises(AnnotationError, match="each of the 4 tokens, found 3"):
            read()


def test_another_writer_of_the_tensor_is_named(nlp):
    doc = nlp("the cat")
    doc.tensor = np.zeros((2, 96), dtype=np.float32)
    with pytest.raises(AnnotationError, match=r"width 16, found .*96.*put salience after it"):
        vector_of(doc[0])


def test_the_norm_is_that_of_the_vector_now(nlp, en_small):
    doc = nlp.make_doc("the cat")
    assert doc.vector_norm == 0
    for each in (nlp, en_small):
        doc = each(doc)
        for item in (doc, doc[1], doc[0:1]):
            assert item.vector_norm == pytest.approx(np.linalg.norm(item.vector))


def test_vectors_of_two_models_are_not_compared(nlp, en_small):
    with pytest.raises(AnnotationError, match="widths 16 and 256"):
        similarity(nlp("cat"), en_small("cat"))


def test_what_has_no_vector_is_refused(nlp):
    with pytest.raises(AnnotationError, match="got Lexeme"):
        nlp("cat")[0].similarity(nlp.vocab["dog"])


def test_set_to_none_is_forgotten(nlp):
    doc = nlp("the cat")
    doc._.salience = None
    assert doc._.salience is None


def test_the_config_says_how_many_threads_share_a_batch(monkeypatch):
    nlp = spacy.blank("en")
    component = nlp.add_pipe("salience", config={"num_threads": 3})
    encoder, asked = served(component.model).encoder, []
    encode_chunks = encoder.encode_chunks
    monkeypatch.setattr(
        encoder,
        "encode_chunks",
        lambda *given, **named: (
            asked.append(salience.get_num_threads()) or encode_chunks(*given, **named)
        ),
    )
    attention = encoder.attention
    monkeypatch.setattr(
        encoder,
        "attention",
        lambda *given, **named: (
            asked.append(salience.get_num_threads()) or attention(*given, **named)
        ),
    )
    before = salience.get_num_threads()
    component.attention(nlp("Ice closed the port."))
    assert asked == [3, 3]
    assert salience.get_num_threads() == before
    assert nlp.config["components"]["salience"]["num_threads"] == 3


def test_training_is_shared_among_as_many_threads_backward_too(monkeypatch):
    nlp, asked = spacy.blank("en"), []
    nlp.add_pipe("salience", config={"model": SMALL, "num_threads": 3})
    nlp.add_pipe("tagger", config=tagger(LISTENER))
    examples = examples_for(nlp)
    optimizer = nlp.initialize(lambda: examples)
    run = threads.run

    def noting(task, items):
        asked.append((task.__name__, salience.get_num_threads()))
        run(task, items)

    monkeypatch.setattr(threads, "run", noting)
    nlp.update(examples, sgd=optimizer)
    assert {("task", 3), ("task_back", 3)} <= set(asked)
    assert {count for _, count in asked} == {3}


@pytest.mark.parametrize("count", [0, -1])
def test_refuses_to_share_a_batch_among_no_threads(count):
    with pytest.raises(RangeError, match=r"^salience: num_threads must be a whole number >= 1"):
        spacy.blank("en").add_pipe("salience", config={"num_threads": count})


@pytest.mark.parametrize("batch_size", [1, 3, 10**9])
def test_a_batch_has_at_most_its_tokens_and_one_document_more(nlp, monkeypatch, batch_size):
    monkeypatch.setattr(component_module, "BATCH_TOKENS", 20)
    component, sizes, taken = nlp.get_pipe("salience"), [], []
    predict = component.predict
    monkeypatch.setattr(
        component, "predict", lambda docs: sizes.append([len(doc) for doc in docs]) or predict(docs)
    )
    docs = [nlp.make_doc("a " * length) for length in (3, 50, 0, 9, 9, 9, 1, 30, 2)]
    stream = component.pipe((taken.append(doc) or doc for doc in docs), batch_size=batch_size)
    first = next(stream)
    assert first is docs[0]
    assert len(taken) <= 2  # no more was read than the first batch needs
    assert [first, *stream] == docs
    assert [size for batch in sizes for size in batch] == [len(doc) for doc in docs]
    assert all(sum(batch[:-1]) < 20 and len(batch) <= batch_size for batch in sizes)
    # None is closed before it is full, also behind one that was full of tokens.
    assert all(sum(batch) >= 20 or len(batch) == batch_size for batch in sizes[:-1])
