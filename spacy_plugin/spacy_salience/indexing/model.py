"""The model of an index: its tokenizer finds sentences and words, its encoder makes vectors."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from spacy.language import Language
from spacy.pipeline import Sentencizer
from spacy.tokens import Doc

from salience.types import Floats

from ..component.pipelines import chosen, component_of, pipeline
from ..encoding.batches import of_length_one
from ..encoding.readers import ByDocs
from ..encoding.text_encoder import TextEncoder
from ..models.served import served
from .listing import Made
from .passages import content_words

PASSAGE_WORDS = 120
"""Words of a passage, about, by default."""


class Model:
    """A model by its name, which is loaded when it is first used."""

    def __init__(self, name: str | None, lang: str | None) -> None:
        name = chosen(name, lang)
        self.name = str(Path(name).resolve()) if Path(name).exists() else name
        self.lang = lang

    @cached_property
    def encoder(self) -> TextEncoder:
        """What encodes many texts, by a pipeline that knows no stop words (see encoding/stretches).

        Who only asks needs no second pipeline, which takes time and memory.
        """
        return TextEncoder(self.name, lang=self.lang)

    @cached_property
    def nlp(self) -> Language:
        """What finds words and sentences, makes Docs, and encodes questions."""
        return pipeline(self.name, self.lang)

    def made(self, passage_words: int) -> Made:
        """Return what an index that is made now says of the model and of its passages."""
        encoder = served(component_of(self.nlp).model).encoder
        digest = encoder.weights.checked or encoder.weights.digest()
        return Made(self.name, str(self.nlp.lang), digest, encoder.document_width, passage_words)

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Return the vectors of texts [B, D], of length 1; zeros stay zeros."""
        found: Floats = self.encoder.encode(texts, normalize_embeddings=True)
        return found

    def question(self, text: str) -> Floats:
        """Return the vector of a question [D], as `vectors` does."""
        vector: Floats = of_length_one(self._questions.documents([text]))[0]
        return vector

    def words(self, text: str) -> list[str]:
        """Return the content words of a text."""
        return content_words(self.nlp.make_doc(text))

    def sentences(self, text: str) -> Doc:
        """Return a text as a Doc with sentence boundaries and nothing else."""
        doc: Doc = self._sentencizer(self.nlp.make_doc(text))
        return doc

    def doc(self, text: str) -> Doc:
        """Return the Doc that the whole pipeline makes of a text."""
        return self.nlp(text)

    @cached_property
    def _questions(self) -> ByDocs:
        return ByDocs(self.nlp, component_of(self.nlp))

    @cached_property
    def _sentencizer(self) -> Sentencizer:
        return Sentencizer()
