"""Texts to vectors, by the names that sentence-transformers has for it."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from tqdm import tqdm

from salience import checks
from salience.errors import DtypeError
from salience.types import Floats

from ..component.devices import CHOICES, Wanted
from ..component.pipelines import component_of, pipeline
from ..models.served import served
from ..packages import optional
from .batches import batches_of, of_length_one, texts_of
from .readers import reader_of

Result = TypeVar("Result")


class OneText(NamedTuple):
    """The vector of a text, by the names that a Doc has for it."""

    vector: Floats
    has_vector: bool = True


class TextEncoder:
    """Encode texts to document vectors, with the names of sentence-transformers.

    The vectors are those that the pipeline's Docs have, bit for bit. Where the pipeline is
    spaCy's tokenizer and a frozen encoder, as for the embedded English models, no Doc is made.
    Pickles hold the model's name, not its weights.
    """

    component_names: tuple[str, ...] = ()
    """KeyBERT and BERTopic look here for a transformer, as they take what has "spacy" in its type's
    name for a pipeline, and call it for each text."""

    def __init__(
        self, model: str = "en_small", *, lang: str | None = None, device: Wanted = "cpu",
        num_threads: int | None = None,
    ) -> None:  # fmt: skip
        """Load a model.

        Args:
            model: an embedded model's name, a .safetensors file, or the folder or name of a
                spaCy pipeline with the component salience.
            lang: the language of the tokenizer; where None, the model's.
            device: where a frozen encoder computes: "cpu", "cuda" or "auto".
            num_threads: how many threads share a batch; where None, what
                salience.get_num_threads says.

        Raises RangeError where nothing has this name, or a value is not allowed.
        """
        where = "TextEncoder"
        if not isinstance(model, str):
            raise DtypeError(
                f"{where}: expected the name of a model or a pipeline, got "
                f"{type(model).__name__}; give a name such as 'en_small', or a folder"
            )
        checks.one_of(where, "device", device, CHOICES)
        if num_threads is not None:
            num_threads = checks.at_least(where, "num_threads", num_threads, 1)
        self._given = model, lang, device, num_threads
        nlp = pipeline(model, lang)
        component = component_of(nlp)
        component.device, component.num_threads = device, num_threads
        self._reader = reader_of(nlp, component)
        self._encoder = served(component.model).encoder

    def encode(
        self, texts: str | Iterable[str], batch_size: int = 1000,
        show_progress_bar: bool | None = None, convert_to_numpy: bool = True,
        convert_to_tensor: bool = False, normalize_embeddings: bool = False,
    ) -> Any:  # fmt: skip
        """Return the document vectors of B texts [B, D], float32; of one text [D].

        Args:
            texts: a text, or any iterable of texts.
            batch_size: the most texts that are worked on together; no vector depends on it.
            show_progress_bar: whether a bar is shown on standard error.
            convert_to_numpy: False for a list of vectors [D].
            convert_to_tensor: True for a tensor of PyTorch.
            normalize_embeddings: whether vectors have length 1; zeros stay zeros.

        Raises DtypeError where a text is no string, RangeError where batch_size is below 1,
        MissingPackageError where a tensor is asked for and PyTorch is not installed, and
        UnicodeEncodeError, as spaCy does, where a text has a lone surrogate.
        """
        torch: Any = None
        if convert_to_tensor:
            torch = optional("torch", "encode(convert_to_tensor=True)", "pip install torch")
        given = texts_of("encode", [texts] if isinstance(texts, str) else texts)
        found = np.empty((len(given), self.get_sentence_embedding_dimension()), dtype=np.float32)
        first = 0
        for rows in self._batches(self._reader.documents, given, batch_size, show_progress_bar):
            found[first : first + len(rows)] = rows
            first += len(rows)
        if normalize_embeddings:
            found = of_length_one(found)
        one_or_all = found[0] if isinstance(texts, str) else found
        if torch is not None:
            return torch.from_numpy(one_or_all)
        return one_or_all if convert_to_numpy or isinstance(texts, str) else list(one_or_all)

    def encode_tokens(
        self, texts: str | Iterable[str], batch_size: int = 1000,
        show_progress_bar: bool | None = None,
    ) -> Any:  # fmt: skip
        """Return the token vectors of each text, a list of [T, D], float32; of one text [T, D].

        T is the number of tokens of the text by the pipeline's tokenizer. Arguments and errors
        are those of encode.
        """
        found: list[Floats] = []
        given = texts_of("encode_tokens", [texts] if isinstance(texts, str) else texts)
        for vectors in self._batches(self._reader.tokens, given, batch_size, show_progress_bar):
            found += vectors
        return found[0] if isinstance(texts, str) else found

    def similarity(self, a: ArrayLike, b: ArrayLike) -> Floats:
        """Return the cosines of vectors [A, D] and [B, D], as [A, B]; a vector [D] is one row.

        Raises ShapeError, DtypeError or RangeError where these are no vectors of one width.
        """
        from salience.ops import cosine_matrix

        return cosine_matrix(*(np.atleast_2d(np.asarray(each)) for each in (a, b)))

    def get_sentence_embedding_dimension(self) -> int:
        """Return D, the width of document vectors."""
        return self._encoder.document_width

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of texts as lists; a name of LangChain's."""
        vectors: list[list[float]] = self.encode(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of one text as a list; a name of LangChain's."""
        return self.embed_documents([text])[0]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """Do what embed_documents does, in another thread; a name of LangChain's."""
        return await asyncio.to_thread(self.embed_documents, texts)

    async def aembed_query(self, text: str) -> list[float]:
        """Do what embed_query does, in another thread; a name of LangChain's."""
        return await asyncio.to_thread(self.embed_query, text)

    def __call__(self, text: str) -> OneText:
        """Return what has the vector of one text as `.vector`, as a spaCy pipeline does.

        It is for KeyBERT and BERTopic; encode is faster, as it takes many texts together.
        """
        return OneText(self.encode(text))

    def _batches(
        self, encode: Callable[[Sequence[str]], Result], texts: Sequence[str], batch_size: int,
        show: bool | None,
    ) -> Iterator[Result]:  # fmt: skip
        batch_size = checks.at_least("encode", "batch_size", batch_size, 1)
        with tqdm(total=len(texts), unit=" texts", disable=not show) as bar:
            for batch in batches_of(texts, batch_size):
                yield encode(batch)
                bar.update(len(batch))

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (type(self), *self._given)


def _made(
    kind: type[TextEncoder], model: str, lang: str | None, device: Wanted, num_threads: int | None
) -> TextEncoder:
    return kind(model, lang=lang, device=device, num_threads=num_threads)
