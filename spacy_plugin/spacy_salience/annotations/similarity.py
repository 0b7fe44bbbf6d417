"""Vectors and similarity of Docs, Spans and Tokens, from the results stored on the Doc.

Hooks make spaCy's own `.vector` and `.similarity()` call these functions. spaCy drops
hooks when a Doc is serialised; `similarity(a, b)`, `vector_of(x)` and `attach(doc)` work
without hooks, and restore them.
"""

from typing import Any, TypeAlias

import numpy as np
from spacy.tokens import Doc, Span, Token

from salience.errors import AnnotationError

from .extensions import DOC_VECTOR, SALIENCE, has_results, needed, read, token_vectors
from .spaces import project, projection_of
from .stamps import check_same, token_width

Annotated: TypeAlias = Doc | Span | Token


def similarity(a: Annotated, b: Annotated) -> float:
    """Return the cosine of two vectors, between -1 and 1; 0 where one is all zeros.

    s = a'b / (|a| |b|)

    Where the model ends in a projection, two Tokens are compared in the token space, and all
    other pairs in the document space, to which a Token is brought by P v.

    Raises AnnotationError where an item was not processed by a salience component, the two
    are of two models, or their model's projection is not known in this process.
    """
    from salience.ops import cosine_pairs  # numba is imported when it is needed

    left, right = vector_of(a), vector_of(b)
    if isinstance(a, Token) is not isinstance(b, Token):
        check_same("similarity", a, b)
        left, right = in_documents(a, left), in_documents(b, right)
    if len(left) != len(right):
        raise AnnotationError(
            f"similarity: expected vectors of one model, got widths {len(left)} and {len(right)}; "
            "process both documents with the same pipeline"
        )
    check_same("similarity", a, b)
    return float(cosine_pairs(left[None], right[None])[0])


def vector_of(item: Annotated) -> Any:
    """Return the vector [D] of a Doc, a Span or a Token.

    A Token's is its row of doc.tensor, a Doc's is sum_t s_t v_t, and a Span's is the same
    sum with its tokens' salience divided by its total. Where the model ends in a
    projection, a Doc's and a Span's are P sum_t s_t v_t [K].

    Raises AnnotationError where the document was not processed, or a Span's projection
    is not known in this process.
    """
    if isinstance(item, Doc):
        vector = needed(item, DOC_VECTOR, "doc.vector")
        with_hooks(item)
        return vector
    if isinstance(item, Token):
        vectors = token_vectors(item.doc)
        with_hooks(item.doc)
        return vectors[item.i]
    if isinstance(item, Span):
        return _span_vector(item)
    raise AnnotationError(
        f"similarity: expected a Doc, a Span or a Token, got {type(item).__name__}; "
        "a word or a text outside a document has no contextual vector: process it first, nlp(text)"
    )


def with_hooks(doc: Doc) -> None:
    """Restore the hooks of a document with results, where spaCy has dropped them."""
    if "vector" not in doc.user_hooks and has_results(doc):
        lead(doc)


def lead(doc: Doc) -> Doc:
    """Add the hooks by which `.vector` and `.similarity()` use stored results; return the Doc."""
    for hooks in (doc.user_hooks, doc.user_span_hooks, doc.user_token_hooks):
        hooks["vector"] = vector_of
        hooks["has_vector"] = _has_vector
        hooks["similarity"] = similarity
    # spaCy remembers a Doc's norm and would return an old one. A Span's hook is not set:
    # spaCy does not remember its norm for long, and 3.8 takes the hook's result for a vector.
    doc.user_hooks["vector_norm"] = _vector_norm
    return doc


def in_documents(item: Annotated, vector: Any) -> Any:
    """Return an item's vector in the document space: a Token's is P v, all others stay.

    Raises AnnotationError where P is not known in this process.
    """
    return _projected(item.doc, vector) if isinstance(item, Token) else vector


def weighted(item: Annotated) -> tuple[Any, Any]:
    """Return the weights [T] and vectors [T, D] of an item's tokens, in the token space.

    v = sum_t w_t v_t, or P sum_t w_t v_t

    A Doc's weights are its salience; a Span's are its tokens' salience divided
    by their sum, or zeros where that is 0; a Token's is 1.

    Raises AnnotationError where the document was not processed.
    """
    if isinstance(item, Token):
        return np.ones(1, dtype=np.float32), vector_of(item)[None]
    doc = item.doc if isinstance(item, Span) else item
    salience = needed(doc, SALIENCE, "span.vector" if isinstance(item, Span) else "doc.vector")
    width = -1 if len(doc) else token_width(doc) or len(read(doc, DOC_VECTOR))
    vectors = token_vectors(doc).reshape(len(doc), width)
    with_hooks(doc)
    if isinstance(item, Doc):
        return salience, vectors
    inside = slice(item.start, item.end)
    weights, total = salience[inside], salience[inside].sum()
    return weights / total if total > 0 else np.zeros_like(weights), vectors[inside]


def _span_vector(span: Span) -> Any:
    from salience.encoder.sums import weighted_sum  # numba is imported when it is needed

    weights, vectors = weighted(span)
    return _projected(span.doc, weighted_sum(weights, vectors))


def _projected(doc: Doc, vector: Any) -> Any:
    projection = projection_of(doc)
    return vector if projection is None else project(projection, vector[None])[0]


def _vector_norm(item: Doc) -> float:
    vector = vector_of(item)
    # Not numpy.linalg.norm, as the order of BLAS's sums depends on the processor.
    return float(np.sqrt(np.square(vector, dtype=np.float64).sum()))


def _has_vector(item: Annotated) -> bool:
    return bool(np.any(vector_of(item)))
