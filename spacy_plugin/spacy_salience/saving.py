"""How the component is saved, and loaded whole or not at all."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import srsly
from spacy import util
from spacy.pipeline.tok2vec import Tok2Vec

from salience import weights
from salience.encoder import Encoder
from salience.errors import WeightsError

from . import network
from .architectures import shim_of
from .watch import Watch

Own = TypeVar("Own", bound="Saved")

FILE = "model.safetensors"


class Saved(Tok2Vec):
    """A Tok2Vec of an encoder of salience: frozen, in a weights file, or one that learns."""

    watch: Watch

    @property
    def learns(self) -> bool:
        """Whether the encoder is one that training changes."""
        return network.is_network(self.model)

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save to a folder; frozen weights go to model.safetensors, whole or not at all."""
        exclude = list(exclude)
        if self.learns:
            super().to_disk(path, exclude=exclude)
            return
        super().to_disk(path, exclude=[*exclude, "model"])
        if "model" not in exclude:
            weights.save(shim_of(self.model).encoder.weights, util.ensure_path(path) / FILE)

    def from_disk(self: Own, path: str | Path, *, exclude: Iterable[str] = ()) -> Own:
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
        self._look_anew()
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

    def from_bytes(self: Own, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> Own:
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
        self._look_anew()
        return self

    def _loader(self, content: bytes) -> Callable[[], Any]:
        """Read the content of a model, and return what puts it in the model's place."""
        if self.learns:
            loaded = self.model.copy().from_bytes(content)
            network.check_alike(self.model, loaded)
            return partial(network.adopt, self.model, loaded)
        return partial(self._replace, Encoder(weights.from_bytes(content)))

    @contextmanager
    def _refusing(self, source: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # what is damaged raises whatever its reader comes upon
            raise WeightsError(f"{self.name}: cannot load {source}: {error}") from error

    def _look_anew(self) -> None:
        """Warn where the model is for another language, and look at the next texts."""
        self.watch.restart()
        if not self.learns and self.model.maybe_get_dim("nO"):  # else its file is yet to be loaded
            self.watch.language(shim_of(self.model).encoder.weights, self.vocab.lang)

    def _replace(self, encoder: Encoder) -> None:
        shim = shim_of(self.model)
        shim.replace(encoder)
        self.model.set_dim("nO", shim.encoder.width, force=True)
