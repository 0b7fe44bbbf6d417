"""The pipeline component."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import srsly
from spacy import util
from spacy.pipeline.tok2vec import Tok2Vec
from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.api import Model

from salience import threads, weights
from salience.checks import at_least
from salience.encoder import Encoder
from salience.errors import RangeError, WeightsError

from . import network
from .architectures import shim_of
from .extensions import ATTENTION, SALIENCE, VECTOR, write
from .outputs import DocOutput
from .similarity import attach

FILE = "model.safetensors"

BATCH_TOKENS = 65536
"""Tokens after which a batch is closed, whatever the batch size in documents."""

MOST_WEIGHTS = 2**28
"""Attention weights that are returned at once: 1 GiB."""


class Salience(Tok2Vec):
    """Give each Doc contextual token vectors, salience, attention and similarity.

    Sets doc.tensor [T, D], doc._.salience [T], doc._.salience_vector [D] and
    doc._.attention [T], and leads `.vector` and `.similarity()` to them. It is
    a Tok2Vec, so that spacy.Tok2VecListener.v1 can listen to it.
    """

    def __init__(
        self,
        vocab: Vocab,
        model: Model[list[Doc], list[Any]],
        name: str = "salience",
        *,
        num_threads: int | None = None,
    ) -> None:
        """Make the component; RangeError where num_threads is not at least 1.

        num_threads is how many threads share a batch in each process that runs
        this component; where None, what salience.get_num_threads says.
        """
        if num_threads is not None:
            num_threads = at_least(name, "num_threads", num_threads, 1)
        super().__init__(vocab, model, name)
        self.num_threads = num_threads

    @property
    def learns(self) -> bool:
        """Whether the encoder is one that training changes."""
        return network.is_network(self.model)

    def predict(self, docs: Iterable[Doc]) -> list[DocOutput]:
        """Encode the documents without changing them."""
        with threads.limited_to(self.num_threads):
            if self.learns:
                return network.encode(self.model, list(docs))
            return shim_of(self.model).encode(list(docs))

    def set_annotations(self, docs: Sequence[Doc], outputs: Sequence[DocOutput]) -> None:
        """Store the outputs of predict on the documents."""
        for doc, output in zip(docs, outputs, strict=True):
            doc.tensor = output.vectors
            write(doc, output.salience, SALIENCE)
            write(doc, output.document, VECTOR)
            write(doc, output.received, ATTENTION)
            attach(doc)

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Process a stream in batches; a document that fails goes alone to the error handler."""
        for docs in _batches(stream, batch_size):
            try:
                self.set_annotations(docs, self.predict(docs))
            except Exception:
                yield from self._one_by_one(docs)
            else:
                yield from docs

    def attention(self, doc: Doc, rows: tuple[int, int] | None = None) -> Any:
        """Return the attention weights of a document [heads, rows, T]; each row sums to 1.

        a_ti = exp(h_t' W_a h_i) / sum_j exp(h_t' W_a h_j)

        Args:
            doc: any Doc; it need not be processed, and is not changed.
            rows: the first token t to return weights for and one past the last;
                all tokens where None.

        Raises:
            RangeError: rows are outside the document, or the result would
                exceed 1 GiB.
        """
        heads = self._heads()
        first, last = rows or (0, len(doc))
        most = MOST_WEIGHTS // max(heads * len(doc), 1)
        if min(last, len(doc)) - first > most:
            raise RangeError(
                f"attention: {heads} x {last - first} x {len(doc)} weights exceed 1 GiB; "
                f"ask for at most {most} rows at once, such as rows=({first}, {first + most})"
            )
        with threads.limited_to(self.num_threads):
            if self.learns:
                return network.attention(self.model, doc, rows)
            shim = shim_of(self.model)
            bags, _ = shim.featurize([doc])
            return shim.encoder.attention(bags, rows)

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save to a folder; frozen weights go to model.safetensors, whole or not at all."""
        exclude = list(exclude)
        if self.learns:
            super().to_disk(path, exclude=exclude)
            return
        super().to_disk(path, exclude=[*exclude, "model"])
        if "model" not in exclude:
            weights.save(shim_of(self.model).encoder.weights, util.ensure_path(path) / FILE)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "Salience":
        """Load from a folder.

        Raises WeightsError, which names the file, where the weights are
        missing or damaged; the component is unchanged then.
        """
        exclude = list(exclude)
        file = util.ensure_path(path) / ("model" if self.learns else FILE)
        with self._refusing(str(file)):
            load = None if "model" in exclude else self._loader(weights.read(file))
            super().from_disk(path, exclude=[*exclude, "model"])
            if load:
                load()
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return settings and weights as bytes."""
        exclude = list(exclude)
        if self.learns:
            whole: bytes = super().to_bytes(exclude=exclude)
            return whole
        rest = super().to_bytes(exclude=[*exclude, "model"])
        parts = {"rest": lambda: rest, "model": shim_of(self.model).to_bytes}
        content: bytes = util.to_bytes(parts, exclude)
        return content

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> "Salience":
        """Load what to_bytes returned.

        Raises WeightsError where it is damaged; the model is unchanged then.
        """
        exclude = list(exclude)
        with self._refusing("these bytes"):
            parts = srsly.msgpack_loads(bytes_data)
            model = None if "model" in exclude else parts.get("model")
            load = None if model is None else self._loader(model)
            rest = bytes_data if self.learns else parts.get("rest")
            if rest is not None:
                super().from_bytes(rest, exclude=[*exclude, "model"])
            if load:
                load()
        return self

    def _loader(self, content: bytes) -> Callable[[], Any]:
        """Read the content of a model, and return what puts it in the model's place."""
        if self.learns:
            network.check_alike(self.model, self.model.copy().from_bytes(content))
            return partial(self.model.from_bytes, content)
        return partial(self._replace, Encoder(weights.from_bytes(content)))

    @contextmanager
    def _refusing(self, source: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # what is damaged raises whatever its reader comes upon
            raise WeightsError(f"{self.name}: cannot load {source}: {error}") from error

    def _heads(self) -> int:
        return network.heads(self.model) if self.learns else shim_of(self.model).encoder.heads

    def _replace(self, encoder: Encoder) -> None:
        shim = shim_of(self.model)
        shim.replace(encoder)
        self.model.set_dim("nO", shim.encoder.width, force=True)

    def _one_by_one(self, docs: Sequence[Doc]) -> Iterator[Doc]:
        for doc in docs:
            try:
                self.set_annotations([doc], self.predict([doc]))
            except Exception as error:
                self.get_error_handler()(self.name, self, [doc], error)
            else:
                yield doc


def _batches(stream: Iterable[Doc], batch_size: int) -> Iterator[list[Doc]]:
    batch: list[Doc] = []
    tokens = 0
    for doc in stream:
        batch.append(doc)
        tokens += len(doc)
        if len(batch) >= batch_size or tokens >= BATCH_TOKENS:
            yield batch
            batch, tokens = [], 0
    if batch:
        yield batch
