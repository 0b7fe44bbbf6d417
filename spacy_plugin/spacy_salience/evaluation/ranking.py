"""Texts ranked for a question by vectors, by words and by both, as an index of texts does it."""

from collections.abc import Iterator, Mapping, Sequence

from spacy.language import Language

from salience.ops import cosine_matrix
from salience.types import Floats

from ..indexing.fusion import fused
from ..indexing.passages import content_words
from ..indexing.words import words_scored
from .vectors import Vectors

QUESTIONS_AT_ONCE = 256
"""Questions that are compared with all texts at once."""

BY_VECTORS, BY_WORDS, BY_BOTH = "", " of words", " of both"
"""What the names of figures end in, by what texts were ranked by."""


def ranked(
    questions: Sequence[str], texts: Sequence[str], vectors: Vectors, nlp: Language | None
) -> Iterator[tuple[str, Mapping[str, Floats]]]:
    """Yield each question with the scores of all texts [N], by what they were ranked by.

    Without a pipeline, whose tokens are the words, texts are ranked by vectors alone.
    """
    words = (
        None if nlp is None else words_scored([content_words(nlp.make_doc(text)) for text in texts])
    )
    of_texts = vectors(texts)
    for first in range(0, len(questions), QUESTIONS_AT_ONCE):
        batch = questions[first : first + QUESTIONS_AT_ONCE]
        for question, cosines in zip(batch, cosine_matrix(vectors(batch), of_texts), strict=True):
            if words is None or nlp is None:
                yield question, {BY_VECTORS: cosines}
                continue
            shares = words.shares(content_words(nlp.make_doc(question)), len(texts))
            yield question, {
                BY_VECTORS: cosines, BY_WORDS: shares, BY_BOTH: fused(cosines, shares),
            }  # fmt: skip
