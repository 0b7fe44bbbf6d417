"""One collection is in one space: that of documents, or of tokens where all are Tokens."""

import pickle

import numpy as np
import pytest

from salience.errors import AnnotationError, ShapeError
from spacy_salience import Index, nearest, similarity, similarity_matrix, vector_of

from ..projected import AS_WIDE, NARROWER, OTHER, TEXT, every_width, matrix_of, projected


def items_of(nlp):
    """Docs, Spans and Tokens by kind."""
    a, b = nlp(TEXT), nlp(OTHER)
    return {"docs": [a, b], "spans": [a[1:3], b[2:5]], "tokens": [a[1], b[2], b[7]]}


MIXES = ["docs", "spans", "tokens", "docs tokens", "tokens docs", "tokens spans docs"]


@every_width
@pytest.mark.parametrize("left", MIXES)
@pytest.mark.parametrize("right", MIXES)
def test_scores_are_the_similarities_in_the_space_of_all(tmp_path, width, left, right):
    nlp = projected(tmp_path, width)
    kinds = items_of(nlp)
    a, b = ([each for kind in mix.split() for each in kinds[kind]] for mix in (left, right))
    of_tokens, P = {left, right} == {"tokens"}, matrix_of(nlp)

    def vector(item):
        own = vector_of(item)
        return own if of_tokens or item not in kinds["tokens"] else P @ own

    x, y = (np.stack([vector(each) for each in side]).astype(np.float64) for side in (a, b))
    want = x @ y.T / np.linalg.norm(x, axis=1)[:, None] / np.linalg.norm(y, axis=1)
    np.testing.assert_allclose(similarity_matrix(a, iter(b)), want, atol=1e-6)
    found = similarity_matrix(a, b, top_k=len(b))
    assert found.scores.shape == want.shape
    for query, row in zip(a, want, strict=True):
        if not (query in kinds["tokens"] and right == "tokens" and not of_tokens):
            one = nearest(query, b, len(b))
            np.testing.assert_allclose(one.scores, row[one.indices], atol=1e-6)


@every_width
def test_equals_are_equal_whichever_they_are_compared_with(tmp_path, width):
    doc = projected(tmp_path, width)(TEXT)
    assert np.diagonal(similarity_matrix([doc[1], doc])).tolist() == [1, 1]
    assert similarity_matrix([doc[1], doc])[0, 1] == pytest.approx(similarity(doc[1], doc))


def stored(index, tmp_path, way):
    if way == "saved":
        index.to_disk(tmp_path / "index")
        return Index.from_disk(tmp_path / "index")
    return pickle.loads(pickle.dumps(index)) if way == "pickled" else index


@every_width
@pytest.mark.parametrize("way", ["as it is", "saved", "pickled"])
@pytest.mark.parametrize("backend", ["exact", "usearch"])
def test_an_index_knows_its_space(tmp_path, width, way, backend):
    if backend == "usearch":
        pytest.importorskip("usearch")
    kinds = items_of(projected(tmp_path, width))
    docs, tokens = kinds["docs"] + kinds["spans"], kinds["tokens"]
    index = stored(Index(docs, backend=backend), tmp_path, way)
    for query in (*docs, *tokens):
        found = index.nearest(query, 4)
        want = [similarity(query, docs[place]) for place in found.indices]
        np.testing.assert_allclose(found.scores, want, atol=1e-6)
    rows = index.nearest([tokens[0], docs[0]], 1)
    assert rows.scores[1, 0] == pytest.approx(1, abs=1e-6)

    index = stored(Index(tokens, backend=backend), tmp_path, way)
    found = index.nearest(tokens, 1)
    assert found.indices.ravel().tolist() == [0, 1, 2]
    for queries in (docs[0], docs[2], docs, [tokens[0], docs[0]]):
        with pytest.raises(AnnotationError, match="queries must be Tokens, as an Index of Tokens"):
            index.nearest(queries, 1)


@every_width
def test_a_mixed_index_is_compared_with_itself(tmp_path, width):
    kinds = items_of(projected(tmp_path, width))
    items = [*kinds["tokens"], *kinds["docs"]]
    index = Index(items)
    assert index.nearest(items, 1, exclude_self=True).indices.shape == (5, 1)
    assert index.nearest(k=1).indices.ravel().tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(AnnotationError, match="queries must be Tokens"):
        Index(kinds["tokens"]).nearest(kinds["docs"], 1, exclude_self=True)


def test_files_of_before_there_were_spaces_are_read(tmp_path):
    from salience.model import weights

    nlp = projected(tmp_path, None)
    kinds = items_of(nlp)
    Index(kinds["tokens"]).to_disk(tmp_path / "index")
    old = weights.load(tmp_path / "index")
    settings = {name: value for name, value in old.settings.items() if name != "space"}
    weights.save(weights.Weights(dict(old.tensors), settings), tmp_path / "old")
    index = Index.from_disk(tmp_path / "old")
    # Without a projection there is one space, and Docs may be searched for among Tokens.
    found = index.nearest(kinds["docs"][0], 1)
    assert found.scores[0] == pytest.approx(
        similarity(kinds["docs"][0], kinds["tokens"][found.indices[0]])
    )


def test_an_array_is_taken_as_it_is(tmp_path):
    nlp = projected(tmp_path, NARROWER)
    doc = nlp(TEXT)
    assert similarity_matrix([doc.vector], [doc])[0, 0] == 1
    assert similarity_matrix(doc.tensor, list(doc))[3, 3] == 1
    assert Index(doc.vector[None]).nearest(doc, 1).scores[0] == 1
    with pytest.raises(ShapeError, match=r"must have vectors of (one )?width"):
        similarity_matrix([doc.vector], [doc[1]])
    with pytest.raises(ShapeError, match="must have vectors of one width"):
        similarity_matrix([doc.tensor[1], doc])


def test_of_another_model_nothing_is_compared(tmp_path):
    one, two = projected(tmp_path, AS_WIDE), projected(tmp_path, AS_WIDE, seed=4)
    for left, right in (([one(TEXT)[1]], [two(TEXT)]), ([one(TEXT)], [two(TEXT)[1]])):
        with pytest.raises(AnnotationError, match="expected results of one model"):
            similarity_matrix(left, right)
