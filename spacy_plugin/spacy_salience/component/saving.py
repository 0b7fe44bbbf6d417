"""How the component is saved, and loaded whole or not at all."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import srsly
from spacy import util

from salience.encoder.encoder import Encoder
from salience.errors import WeightsError
from salience.files import write_whole
from salience.model import weights

from ..annotations.annotator import Annotator
from ..models import network
from ..models.frozen import shim_of
from .sealing import sealed, unsealed
from .watch import Watch

Own = TypeVar("Own", bound="Saved")

FILE = "model.safetensors"
MODEL = {"nodes", "attrs", "params", "shims"}
"""What thinc writes of a model."""

PARTS = {"cfg", "vocab", "model", "rest"}
"""What the component writes as bytes; the rest of a frozen one are its cfg and vocab."""


class Saved(Annotator):
    """A Tok2Vec of an encoder of salience: frozen, in a weights file, or one that learns."""

    watch: Watch

    @property
    def learns(self) -> bool:
        """Whether the encoder is one that training changes."""
        return network.is_network(self.model)

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save to a folder, each file whole or not at all.

        Frozen weights go to model.safetensors, an encoder that learns to `model`;
        both have a digest. A whole pipeline at once is spacy_salience.save.
        """
        exclude, folder = list(exclude), util.ensure_path(path)
        parts = {"cfg": self._cfg_bytes, "model": self._model_bytes}
        files = {part: content() for part, content in parts.items() if part not in exclude}
        super().to_disk(path, exclude=[*exclude, *parts])
        for part, content in files.items():
            write_whole(folder / self._file(part), partial(_write, content))

    def from_disk(self: Own, path: str | Path, *, exclude: Iterable[str] = ()) -> Own:
        """Load from a folder.

        Raises WeightsError, which names the file, where the weights are
        missing or damaged; the component is unchanged then.
        """
        exclude, folder = list(exclude), util.ensure_path(path)
        load, cfg = None, {}
        if "model" not in exclude:
            file = folder / self._file("model")
            with self._refusing(str(file)):
                load = self._loader(weights.read(file))
        if "cfg" not in exclude:
            with self._refusing(str(folder / "cfg")):
                cfg = _cfg_in(folder / "cfg")
        with self._refusing(str(folder)):
            super().from_disk(path, exclude=[*exclude, "cfg", "model"])
            self.cfg.update(cfg)
            if load:
                load()
        self._look_anew()
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return settings and weights as bytes, with a digest."""
        exclude = list(exclude)
        if self.learns:
            return sealed(super().to_bytes(exclude=exclude))
        rest = super().to_bytes(exclude=[*exclude, "model"])
        parts = {"rest": lambda: rest, "model": self._model_bytes}
        return sealed(util.to_bytes(parts, exclude))

    def from_bytes(self: Own, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> Own:
        """Load what to_bytes returned.

        Raises WeightsError where it is damaged; the model is unchanged then.
        """
        exclude = list(exclude)
        with self._refusing("these bytes"):
            parts = unsealed(bytes_data, PARTS)
            model = None if "model" in exclude else parts.get("model")
            load = None if model is None else self._loader(model)
            rest = bytes_data if self.learns else parts.get("rest")
            if rest is not None:
                super().from_bytes(rest, exclude=[*exclude, "model"])
            if load:
                load()
        self._look_anew()
        return self

    def _file(self, part: str) -> str:
        return FILE if part == "model" and not self.learns else part

    def _cfg_bytes(self) -> bytes:
        return str(srsly.json_dumps(self.cfg, indent=2)).encode()

    def _model_bytes(self) -> bytes:
        if self.learns:
            return sealed(self.model.to_bytes())
        return shim_of(self.model).to_bytes()

    def _loader(self, content: bytes) -> Callable[[], Any]:
        """Read the content of a model, and return what puts it in the model's place."""
        if self.learns:
            unsealed(content, MODEL)
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


def _cfg_in(path: Path) -> dict[str, Any]:
    """Read a component's settings; there are none where it was saved without them."""
    if not path.exists():
        return {}
    cfg: Any = srsly.read_json(path)
    if not isinstance(cfg, dict):
        raise WeightsError("expected a JSON object; it is damaged: restore it from a copy")
    return cfg


def _write(content: bytes, file: BinaryIO) -> None:
    file.write(content)
