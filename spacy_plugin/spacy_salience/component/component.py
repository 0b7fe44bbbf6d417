"""The pipeline component."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from spacy.language import Language
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab
from thinc.api import Model, Optimizer

from salience import checks, threads
from salience.errors import DeviceError, LanguageWarning, RangeError, ShapeError

from ..annotations.attention import HOOK, AttentionHook
from ..annotations.extensions import store
from ..annotations.origin import Origin
from ..annotations.outputs import DocOutput
from ..annotations.register import register
from ..annotations.similarity import lead
from ..annotations.spaces import announce
from ..listeners.listen import look_again, watch
from ..listeners.order import check_pipeline, known, listeners_of
from ..models import network
from ..models.fingerprint import origin_of
from ..models.frozen import is_frozen
from ..models.served import served
from . import devices
from .saving import Saved
from .watch import ENOUGH, Watch

BATCH_TOKENS = 65536
"""A batch ends when it has so many tokens, however few documents these are."""

MOST_WEIGHTS = 2**28
"""Attention weights that are returned at once: 1 GiB."""

NO_DOCUMENT_S_FAULT = (DeviceError, LanguageWarning)
"""Errors that no document causes, which error handlers do not get: a GPU that fails, and a warning
that a filter turns into an error."""


class Salience(Saved):
    """Give each Doc contextual token vectors, salience, attention and similarity.

    Sets doc.tensor [T, D], doc._.salience [T], doc._.salience_vector [D] and
    doc._.attention [T], and has `.vector` and `.similarity()` use them. It is
    a Tok2Vec, so that spacy.Tok2VecListener.v1 can listen to it.
    """

    def __init__(
        self,
        vocab: Vocab,
        model: Model[list[Doc], list[Any]],
        name: str = "salience",
        *,
        num_threads: int | None = None,
        device: devices.Wanted = "cpu",
    ) -> None:
        """Make the component.

        num_threads is how many threads share a batch in each process that runs
        this component; where None, what salience.get_num_threads says. device is
        where a frozen encoder computes: "cpu", "cuda", or "auto" for a GPU where
        one can be used, which is found out when the first document comes.

        Raises RangeError where num_threads is not at least 1, the model is not
        one of salience's, or device is unknown or not possible with the model;
        PipelineError where an attribute's name under doc._ or token._ is taken.
        Warns once (LanguageWarning) where the language of vocab, or of a later
        document, is not the model's.
        """
        if not (network.is_network(model) or is_frozen(model)):
            raise RangeError(
                f"{name}: expected a model of salience.Pretrained.v1, salience.Encoder.v1 or "
                f"salience.Encoder.v2, got {model.name!r}; give any other to spaCy's own component "
                "tok2vec"
            )
        if num_threads is not None:
            num_threads = checks.at_least(name, "num_threads", num_threads, 1)
        checks.one_of(name, "device", device, devices.CHOICES)
        if device != "cpu" and network.is_network(model):
            raise RangeError(
                f"{name}: expected device='cpu' for an encoder that learns, got {device!r}; it "
                "computes where thinc does: call spacy.require_gpu() before the pipeline is made"
            )
        register()
        announce(self)
        super().__init__(vocab, model, name)
        self.names = {name}
        self.num_threads, self.device = num_threads, device
        self.watch = Watch(name)
        self._look_anew()

    def predict(self, docs: Iterable[Doc]) -> list[DocOutput]:
        """Encode the documents without changing them."""
        docs = list(docs)
        look_again(self)
        with threads.limited_to(self.num_threads):
            encoder = served(self.model)
            if not self.learns and not self.watch.over:
                self.watch.documents(encoder.encoder.weights, docs)
            return encoder.encode(docs, devices.resolve(self.device))

    def add_listener(self, listener: Tok2VecListener, component_name: str) -> None:
        """Add a component's listener, and have it check whose vectors it takes (see listen.py)."""
        super().add_listener(listener, component_name)
        watch(listener, component_name)

    def find_listeners(self, component: Any) -> None:
        """Add a later component's listeners to this one; those to other components are watched."""
        self.names.add(self.name)  # listeners keep the name that they were made with
        super().find_listeners(component)
        for listener in listeners_of(component):
            watch(listener, component.name)

    def initialize(
        self, get_examples: Callable[[], Iterable[Example]], *, nlp: Language | None = None
    ) -> None:
        """Initialise the model, before training.

        Raises ShapeError where a listener expects vectors of another width, and
        PipelineError where the order of the pipeline gives it another component's.
        Warns (LanguageWarning) where the examples are in another language than the model
        that word vectors are of.
        """
        width = self.model.maybe_get_dim("nO")
        for component, listeners in self.listener_map.items():
            for listener in listeners:
                if width and listener.maybe_get_dim("nO") not in (None, width):
                    raise ShapeError(
                        f"{self.name}: expected listeners of width {width}, got one of width "
                        f"{listener.get_dim('nO')} in {component}; set the width of its "
                        f"spacy.Tok2VecListener.v1 to {width}"
                    )
        if nlp is not None:
            known(self, nlp)
            check_pipeline(nlp)
        words = network.word_model(self.model) if self.learns else None
        if words:
            examples = islice(get_examples(), ENOUGH)
            self.watch.documents(words, [example.reference for example in examples])
        super().initialize(get_examples, nlp=nlp)

    def update(
        self, examples: Iterable[Example], *, drop: float = 0.0, sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:  # fmt: skip
        """Encode the examples for the listeners, from whose gradients the encoder may learn."""
        with threads.limited_to(self.num_threads):
            updated: dict[str, float] = super().update(examples, drop=drop, sgd=sgd, losses=losses)
        return updated

    def set_annotations(self, docs: Sequence[Doc], outputs: Sequence[DocOutput]) -> None:
        """Store the outputs of predict on the documents."""
        if not docs:
            return
        origin = self.origin()
        for doc, output in zip(docs, outputs, strict=True):
            store(doc, output, origin)
            lead(doc)
            hook = AttentionHook(self, doc, projection=origin.projection)
            # A new dict, as a Doc from span.as_doc() shares that of its document.
            doc.user_hooks = {**doc.user_hooks, HOOK: hook}

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Process a stream in batches; a document that fails goes alone to the error handler.

        Raises DeviceError where the GPU fails, and LanguageWarning where a filter turns
        it into an error: no document is the cause of these.
        """
        for docs in _batches(stream, batch_size):
            try:
                self.set_annotations(docs, self.predict(docs))
            except NO_DOCUMENT_S_FAULT:
                raise
            except Exception:
                yield from self._one_by_one(docs)
            else:
                yield from docs

    def origin(self) -> Origin:
        """Return the fingerprint of the model as it is now, and its projection."""
        return origin_of(self.model)

    def attention(self, doc: Doc, rows: tuple[int, int] | None = None) -> Any:
        """Return the attention weights of a document [heads, rows, T]; each row sums to 1.

        a_ti = exp(h_t' W_a h_i) / sum_j exp(h_t' W_a h_j)

        A blank has a row and a column of zeros. Repeated signs that the encoder reads
        as one token share its weight.

        For a long document ask for some rows at a time: rows=(first, last) computes
        and returns these rows alone, so that memory grows with the number of
        rows times T. Where the encoder has a window of w tokens (en_small: 32) to
        either side, columns beyond it are zeros; blanks and repeated signs do not count.

        Args:
            doc: any Doc, processed or not; it is not changed.
            rows: the first token t to return weights for, and one past the last;
                all tokens where None.

        Raises:
            RangeError: rows are outside the document, or the result would
                exceed 1 GiB.
        """
        heads = served(self.model).encoder.heads
        first, last = checks.rows_of("attention", rows, len(doc))
        most = MOST_WEIGHTS // max(heads * len(doc), 1)
        if last - first > most:
            raise RangeError(
                f"attention: {heads} x {last - first} x {len(doc)} weights exceed 1 GiB; "
                f"ask for at most {most} rows at once, such as rows=({first}, {first + most})"
            )
        with threads.limited_to(self.num_threads):
            return served(self.model).attention(doc, (first, last))

    def nearest_words(self, vector: Any, k: int = 10) -> list[tuple[str, float]]:
        """Return the k words of the model's table nearest to a vector [D], and their cosines.

        A known word's vector is its row of W_e, without any context. It is in
        the token space, as a Token's is.

        Raises:
            RangeError: the encoder is one that learns, which has no table of its
                words' vectors; k is below 1, or a number is not finite.
            ShapeError, DtypeError: the vector does not fit the table.
        """
        if self.learns:
            raise RangeError(
                f"{self.name}: nearest_words needs the word table of a frozen encoder, and this "
                "one learns: a word's vector comes of the whole network. Process words yourself: "
                "spacy_salience.nearest(vector, list(nlp.pipe(words)), k)"
            )
        with threads.limited_to(self.num_threads):
            return served(self.model).encoder.nearest_words(vector, k)

    def __setstate__(self, state: Any) -> None:
        """Register the attributes in the process that unpickles the component."""
        register()
        announce(self)
        super().__setstate__(state)

    def _one_by_one(self, docs: Sequence[Doc]) -> Iterator[Doc]:
        for doc in docs:
            try:
                self.set_annotations([doc], self.predict([doc]))
            except NO_DOCUMENT_S_FAULT:
                raise
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
