"""Saving and loading the component, whole or not at all."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import srsly
from spacy import util

from salience.encoder import Encoder
from salience.errors import WeightsError
from salience.files import write_whole
from salience.model import weights
from salience.model.weights import MODEL_FILE

from ..annotations.annotator import Annotator
from ..models import network
from ..models.frozen import shim_of, width_of
from ..models.served import served, weights_of
from .sealing import sealed, unsealed
from .watch import Watch

Own = TypeVar("Own", bound="Saved")

OLD_FILE = "model"
"""The file in thinc's own format to which older versions saved an encoder that learns."""

THINC = {"nodes", "attrs", "params", "shims"}
"""The entries of what thinc writes of a model."""

ENTRIES = {"cfg", "vocab", "model", "rest"}
"""The entries of the component's bytes: model and rest, where rest is what spaCy writes of cfg and
vocab; older versions wrote cfg and vocab themselves."""


class Saved(Annotator):
    """A Tok2Vec of an encoder of salience, whose weights are saved as one file."""

    watch: Watch

    @property
    def learns(self) -> bool:
        """Whether the encoder is one that training changes."""
        return network.is_network(self.model)

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save to a folder, each file whole or not at all.

        Weights go to model.safetensors, with a digest. To save a whole pipeline in one
        step, use spacy_salience.save.
        """
        exclude, folder = list(exclude), util.ensure_path(path)
        contents = {"cfg": self._cfg_bytes, MODEL_FILE: self._model_bytes}
        left_out = {"model", MODEL_FILE} if "model" in exclude else set(exclude)
        files = {name: content() for name, content in contents.items() if name not in left_out}
        super().to_disk(path, exclude=[*exclude, "cfg", "model"])
        for name, content in files.items():
            write_whole(folder / name, partial(_write, content))
        if MODEL_FILE in files:  # an older version's file beside it is out of date
            (folder / OLD_FILE).unlink(missing_ok=True)

    def from_disk(self: Own, path: str | Path, *, exclude: Iterable[str] = ()) -> Own:
        """Load from a folder.

        Raises WeightsError, which names the file, where the weights are
        missing or damaged; the component is unchanged then.
        """
        exclude, folder = list(exclude), util.ensure_path(path)
        load, cfg = None, {}
        if "model" not in exclude:
            file = folder / MODEL_FILE
            if self.learns and not file.exists() and (folder / OLD_FILE).exists():
                file = folder / OLD_FILE
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
        rest = super().to_bytes(exclude=[*exclude, "model"])
        return sealed(util.to_bytes({"rest": lambda: rest, "model": self._model_bytes}, exclude))

    def from_bytes(self: Own, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> Own:
        """Load what to_bytes returned.

        Raises WeightsError where it is damaged; the model is unchanged then.
        """
        exclude = list(exclude)
        with self._refusing("these bytes"):
            entries = unsealed(bytes_data, ENTRIES)
            model = None if "model" in exclude else entries.get("model")
            load = None if model is None else self._loader(model)
            # Of an encoder that learns, older versions wrote cfg and vocab beside the model.
            rest = bytes_data if entries.keys() & {"cfg", "vocab"} else entries.get("rest")
            if rest is not None:
                super().from_bytes(rest, exclude=[*exclude, "model"])
            if load:
                load()
        self._look_anew()
        return self

    def _cfg_bytes(self) -> bytes:
        return str(srsly.json_dumps(self.cfg, indent=2)).encode()

    def _model_bytes(self) -> bytes:
        return weights_of(self.model).to_bytes()

    def _loader(self, content: bytes) -> Callable[[], Any]:
        """Read the content of a model, and return the function that puts it into this one."""
        if not self.learns:
            return partial(self._replace, Encoder(weights.from_bytes(content)))
        if not _is_safetensors(content):
            unsealed(content, THINC)
            loaded = self.model.copy().from_bytes(content)
            network.check_alike(self.model, loaded)
        else:
            read = weights.from_bytes(content)
            network.check_settings(self.model, read)
            loaded = network.network_of(read, table_learns=network.table_learns(self.model))
        return partial(network.adopt, self.model, loaded)

    @contextmanager
    def _refusing(self, source: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # readers raise many kinds of errors on damaged content
            raise WeightsError(f"{self.name}: cannot load {source}: {error}") from error

    def _look_anew(self) -> None:
        """Warn where the model is for another language, and watch the next texts again."""
        self.watch.restart()
        if not self.learns and self.model.maybe_get_dim("nO"):  # without a width it is not loaded
            self.watch.language(served(self.model).encoder.weights, self.vocab.lang)

    def _replace(self, encoder: Encoder) -> None:
        shim = shim_of(self.model)
        shim.replace(encoder)
        self.model.set_dim("nO", width_of(shim), force=True)


def _is_safetensors(content: bytes) -> bool:
    """Say whether it begins as a safetensors file: a length of 8 bytes, then a header in JSON."""
    return content[8:9] == b"{"


def _cfg_in(path: Path) -> dict[str, Any]:
    """Read a component's settings; {} where it was saved without them."""
    if not path.exists():
        return {}
    cfg: Any = srsly.read_json(path)
    if not isinstance(cfg, dict):
        raise WeightsError("expected a JSON object; it is damaged: restore it from a copy")
    return cfg


def _write(content: bytes, file: BinaryIO) -> None:
    file.write(content)
