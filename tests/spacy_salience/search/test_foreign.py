"""Arrays and tables of other libraries: those that are installed, and stand-ins of the others."""

from array import array

import numpy as np
import pytest

from salience.errors import AnnotationError, DtypeError, RangeError, ShapeError
from salience.testing import random_floats
from spacy_salience import Index, nearest, similarity_matrix

from ...salience import helpers
from ..conftest import TEXTS

VECTORS = random_floats(4, 3)
LISTS = VECTORS.tolist()


class Offers:
    """What pandas' and polars' columns and tables offer of what is in them."""

    def __init__(self, content):
        self.content = content

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.content, dtype)

    def __iter__(self):
        return iter(["the", "names", "of", "columns"])


class OnlyToNumpy:
    def to_numpy(self):
        return VECTORS


class OnlyDlpack:
    def __dlpack__(self, **options):
        return VECTORS.__dlpack__(**options)

    def __dlpack_device__(self):
        return VECTORS.__dlpack_device__()


class Tensor(Offers):
    """A tensor of PyTorch, as far as it is asked for its numbers."""

    requires_grad = True

    def detach(self):
        return Offers(self.content)

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")


class Elsewhere(Offers):
    requires_grad = False

    def __array__(self, dtype=None, copy=None):
        raise TypeError("can't convert mps:0 device type tensor to numpy")


def objects(*items, shape=None):
    found = np.empty(len(items), dtype=object)
    found[:] = items
    return found.reshape(shape or found.shape)


MANY = {
    "lists": LISTS,
    "tuples": tuple(map(tuple, LISTS)),
    "arrays": list(VECTORS),
    "a generator": (row for row in VECTORS),
    "of float64": VECTORS.astype(np.float64),
    "of mixed numbers": [[np.float32(x) for x in row] for row in LISTS],
    "an object array": objects(*VECTORS),
    "a column of an object table": objects(*VECTORS, shape=(4, 1)),
    "an object table": VECTORS.astype(object),
    "a table": Offers(VECTORS),
    "a column": Offers(objects(*VECTORS)),
    "a column of lists": Offers(objects(*LISTS)),
    "a table of one column": Offers(objects(*VECTORS, shape=(4, 1))),
    "columns in a list": [Offers(row) for row in VECTORS],
    "to_numpy": OnlyToNumpy(),
    "dlpack": OnlyDlpack(),
    "a tensor with a gradient": Tensor(VECTORS),
    "tensors with gradients": [Tensor(row) for row in VECTORS],
    "a buffer": memoryview(VECTORS),
    "buffers": [array("f", row) for row in LISTS],
    "masked, but nothing is": np.ma.array(VECTORS),
    "read-only": np.frombuffer(VECTORS.tobytes(), np.float32).reshape(4, 3),
}


@pytest.mark.parametrize("kind", MANY)
def test_vectors_of_any_library_are_compared_as_an_array(kind):
    want = similarity_matrix(VECTORS, VECTORS[:2].copy())
    assert helpers.same_bits(similarity_matrix(MANY[kind], VECTORS[:2].copy()), want)


@pytest.mark.parametrize(
    "one",
    [
        VECTORS[1],
        LISTS[1],
        tuple(LISTS[1]),
        Offers(VECTORS[1]),
        Offers(VECTORS[1].astype(object)),
        Tensor(VECTORS[1]),
        array("f", LISTS[1]),
    ],
    ids=lambda one: type(one).__name__,
)
def test_one_vector_of_any_library_is_searched(one):
    want = nearest(VECTORS[1], VECTORS, 2)
    assert helpers.same_bits(tuple(nearest(one, Offers(VECTORS), 2)), tuple(want))
    assert helpers.same_bits(tuple(Index(LISTS).nearest(one, 2)), tuple(want))


def test_docs_in_columns_are_docs(nlp):
    docs = list(nlp.pipe(TEXTS))
    want = similarity_matrix(docs)
    for many in (objects(*docs), Offers(objects(*docs)), objects(*docs, shape=(-1, 1))):
        assert helpers.same_bits(similarity_matrix(many), want)
        assert 1 not in nearest(docs[1], many, 4, exclude_self=True).indices
        assert nearest(docs[1], many, 1).indices.tolist() == [1]


def test_docs_and_vectors_in_one_list(nlp):
    docs = list(nlp.pipe(TEXTS))
    mixed = [docs[0], docs[1].vector.tolist(), docs[2][:0] if len(docs[2]) else docs[2]]
    assert helpers.same_bits(similarity_matrix(mixed), similarity_matrix(docs[:3]))


def test_the_same_generator_twice_is_one_collection(nlp):
    docs = list(nlp.pipe(TEXTS))
    given = iter(docs)
    assert helpers.same_bits(similarity_matrix(given, given), similarity_matrix(docs))


def test_columns_of_pyarrow():
    pa = pytest.importorskip("pyarrow")
    lists = pa.array(LISTS, pa.list_(pa.float32()))
    fixed = pa.FixedSizeListArray.from_arrays(pa.array(VECTORS.ravel()), 3)
    table = pa.table({"vector": lists})
    want = similarity_matrix(VECTORS, VECTORS.copy())
    for many in (lists, fixed, table, table["vector"], pa.chunked_array([lists[:1], lists[1:]])):
        assert helpers.same_bits(similarity_matrix(many, VECTORS), want)
    with pytest.raises(AnnotationError, match=r"^Index: docs\[1\]: .* got NoneType"):
        Index(pa.array([LISTS[0], None]))


def test_no_vectors_of_any_kind():
    for none in ([], (), iter([]), np.array([]), np.zeros((0, 3)), Offers(np.array([])),
                 Offers(objects())):  # fmt: skip
        assert similarity_matrix(none, VECTORS).shape == (0, 4)
        assert len(Index(none)) == 0


ONE_WIDTH = r"docs must have vectors of one width, got \[1, 2\], "
MASKED = np.ma.array(VECTORS, mask=VECTORS[2, 1] == VECTORS)
NOT_MANY = [
    ("a text", AnnotationError, r"docs must be several .* got one str; process texts first"),
    (b"bytes", AnnotationError, "docs must be .* got one bytes; process texts first"),
    (3.0, AnnotationError, "docs must be several .* got one float"),
    ({"a": LISTS[0]}, AnnotationError, "docs must be .* got one dict; give a list"),
    (["a", "b"], AnnotationError, r"docs\[0\]: .* got str; process texts first"),
    (Offers(objects("a", "b")), AnnotationError, r"docs\[0\]: .* got str"),
    ([VECTORS[0], None], AnnotationError, r"docs\[1\]: .* got NoneType"),
    (LISTS[0], ShapeError, r"docs\[0\]: expected a vector \[D\] .* got float"),
    ([LISTS], ShapeError, r"docs\[0\]: .* got list of list"),
    ([VECTORS], ShapeError, r"docs\[0\]: .* the shape \[4, 3\]"),
    (VECTORS[None], ShapeError, r"docs must have the shape \[N, D\], got \[1, 4, 3\]"),
    ([[1.0, 2.0], [1.0, 2.0], [1.0]], ShapeError, ONE_WIDTH + r".* docs\[2\]"),
    (Offers(objects([1.0, 2.0], [1.0])), ShapeError, ONE_WIDTH + r".* docs\[1\]"),
    ([[1.0, "2"]], DtypeError, r"docs\[0\]: .* got <U"),
    (objects(1.0, "2.5", shape=(1, 2)), DtypeError, r"docs\[0\]: .* got <U"),
    ([[1.0, None]], DtypeError, r"docs\[0\]: .* got object"),
    ([[1.0, [2.0]]], ShapeError, r"docs\[0\]: .* rows of one length"),
    ([[1j]], DtypeError, r"docs\[0\]: "),
    ([[1, 2]], DtypeError, "docs must hold floating-point numbers, got int64"),
    (Offers(np.array(["a"])), DtypeError, "docs must hold floating-point numbers, got <U1"),
    (Elsewhere(VECTORS), DtypeError, r"docs must be an array .*Elsewhere \(can't convert mps"),
    ([Elsewhere(VECTORS[0])], DtypeError, r"docs\[0\]: .*can't convert mps"),
    ([[1.0, float("nan")]], RangeError, "docs holds numbers that are not finite"),
    (Offers(np.full((2, 2), np.inf)), RangeError, "docs holds numbers that are not finite"),
    ([[1e300, 0.0]], RangeError, "docs holds numbers that are not finite"),
    (MASKED, RangeError, "docs has masked numbers"),
    ([VECTORS[0], MASKED[2]], RangeError, r"docs\[1\]: .* masked numbers"),
]  # fmt: skip


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("given", "error", "message"), NOT_MANY)
def test_what_cannot_be_compared_is_refused_by_its_name(given, error, message):
    for where, call in {
        "Index": Index,
        "nearest": lambda docs: nearest(VECTORS[0], docs),
    }.items():
        with pytest.raises(error, match=f"^{where}: {message}"):
            call(given)
    with pytest.raises(error, match="^similarity_matrix: " + message.replace("docs", "docs_b")):
        similarity_matrix(VECTORS, given)


def test_nothing_is_no_collection():
    with pytest.raises(AnnotationError, match=r"^Index: docs must be .* got one NoneType"):
        Index(None)
    with pytest.raises(RangeError, match=r"^nearest: query must be one .* got NoneType"):
        nearest(None, VECTORS)


def test_a_word_outside_a_document_is_told_to_be_processed(nlp):
    doc, word = nlp("The cat sat."), nlp.vocab["cat"]
    for name, call in {
        r"similarity_matrix: docs_a\[1\]": lambda: similarity_matrix([doc, word]),
        "similarity_matrix: docs_a": lambda: similarity_matrix(word),
        "nearest: query": lambda: nearest(word, [doc]),
        "Index.nearest: queries": lambda: Index([doc]).nearest(word),
        "similarity": lambda: doc.similarity(word),
    }.items():
        with pytest.raises(AnnotationError, match=rf"^{name}.* got (one )?Lexeme"):
            call()
    with pytest.raises(AnnotationError, match=r"process it first, nlp\(text\)$"):
        doc[1].similarity(word)
