"""From texts to an encoder's results: without Docs, or by Docs where these are needed."""

from collections.abc import Sequence

import numpy as np
from spacy.language import Language

from salience import threads
from salience.types import Floats, Ints

from ..annotations.outputs import DocOutput
from ..component import devices
from ..component.component import Salience
from ..component.watch import CHARACTERS
from ..models.served import served
from .stretches import Stretches, possible
from .zones import Zone


class ByNorms:
    """Encodes texts without Docs."""

    def __init__(self, nlp: Language, component: Salience) -> None:
        self._component, self._stretches = component, Stretches(nlp)

    def documents(self, texts: Sequence[str]) -> Floats:
        """Return the document vectors of B texts [B, K]."""
        pieces, _ = self._encoded(texts)
        return np.concatenate([documents for _, documents in pieces])

    def tokens(self, texts: Sequence[str]) -> list[Floats]:
        """Return the token vectors of each text [T, D]."""
        pieces, starts = self._encoded(texts)
        return np.split(np.concatenate([vectors for vectors, _ in pieces]), starts[1:-1])

    def _encoded(self, texts: Sequence[str]) -> tuple[list[tuple[Floats, Floats]], Ints]:
        component = self._component
        encoder = served(component.model)
        if not component.watch.over:
            component.watch.texts(encoder.encoder.weights, (text[:CHARACTERS] for text in texts))
        with threads.limited_to(component.num_threads):
            norms, starts, strings = self._stretches.read(texts)
            seen = encoder.reader.read_norms(norms, starts, lambda _, norm: strings[norm])
            pieces = encoder.encoder.encode_chunks(
                seen.tokens, seen.starts, device=devices.resolve(component.device),
                units=seen.units,
            )  # fmt: skip
        return [(piece.vectors, piece.documents) for piece in pieces], starts


class ByDocs:
    """Encodes texts by the Docs of a pipeline."""

    def __init__(self, nlp: Language, component: Salience) -> None:
        self._nlp, self._zone, self._component = nlp, Zone(nlp), component
        names = [name for name, _ in nlp.pipeline]
        own = next(name for name, pipe in nlp.pipeline if pipe is component)
        self._later = names[names.index(own) :]

    def documents(self, texts: Sequence[str]) -> Floats:
        """Return the document vectors of B texts [B, K]."""
        return np.stack([output.document for output in self._outputs(texts)])

    def tokens(self, texts: Sequence[str]) -> list[Floats]:
        """Return the token vectors of each text [T, D]."""
        return [output.vectors for output in self._outputs(texts)]

    def _outputs(self, texts: Sequence[str]) -> list[DocOutput]:
        with self._zone.entered():
            return self._component.predict(self._nlp.pipe(texts, disable=self._later))


def reader_of(nlp: Language, component: Salience) -> ByNorms | ByDocs:
    """Return what encodes texts as the component of this pipeline does."""
    alone = len(nlp.pipeline) == 1 and not component.learns
    if alone and possible(nlp) and served(component.model).reader.reads_norms:
        return ByNorms(nlp, component)
    return ByDocs(nlp, component)
