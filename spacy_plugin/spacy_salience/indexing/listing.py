"""The listing, `index.json`: which files make the index; to replace it is to change the index."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from salience import __version__
from salience.errors import RangeError, WeightsError
from salience.files import write_whole

from .stored import MAKE_ANEW, Stored
from .volumes import Volume

LISTING = "index.json"
FORMAT_OF_INDEX = 1

_NAME_OF_FOLDER = re.compile(r"(volume|words)-[0-9a-f]{16}")


class Made(NamedTuple):
    """What an index was made with: a model, its language and digest, and the size of passages.

    width: of the vectors.
    """

    model: str
    lang: str
    digest: str
    width: int
    passage_words: int


class Listing(NamedTuple):
    """What an index is of: volumes, and the folder of their words' scores, if it has any."""

    made: Made
    volumes: Sequence[Volume]
    words: str | None
    words_files: Sequence[Stored]

    @property
    def folders(self) -> set[str]:
        """The names of all folders that it needs."""
        return {each.folder.name for each in self.volumes} | ({self.words} if self.words else set())


def read(path: Path) -> Listing:
    """Return the listing of an index's folder, whose files are there and have their sizes.

    Raises WeightsError where there is no index, or it is damaged, cut or of another kind.
    """
    said = _said(path / LISTING)
    try:
        listing = _listing(path, said)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WeightsError(
            f"{path / LISTING}: expected the listing of an index, got one that lacks something "
            f"({type(error).__name__}: {error!s:.100}); {MAKE_ANEW}"
        ) from error
    for each in listing.volumes:
        each.check_sizes()
    return listing


def write(path: Path, listing: Listing) -> None:
    """Replace the listing, whole or not at all."""
    said = {
        "format": FORMAT_OF_INDEX,
        "salience": __version__,
        "made": listing.made._asdict(),
        "volumes": [_as_object(each) for each in listing.volumes],
        "words": listing.words,
        "words_files": [each._asdict() for each in listing.words_files],
    }
    content = json.dumps({**said, "sha256": _digest(said)}, indent=1)
    write_whole(path / LISTING, lambda file: file.write(f"{content}\n".encode()))


def check_new(path: Path) -> None:
    """Raise RangeError where a folder has something in it, but no index."""
    if not path.is_dir() or (path / LISTING).exists():
        return
    others = sorted(each.name for each in path.iterdir() if not each.name.startswith("."))
    if others:
        raise RangeError(
            f"{path}: expected a new or empty folder, or one with an index, found "
            f"{others[0]!r:.60}; name another with --out"
        )


def check_made(path: Path, before: Made, now: Made) -> None:
    """Raise RangeError, which says what differs, where an index is of another model."""
    found = [
        f"{name} was {old!r}, is now {new!r}"
        for name, old, new in zip(Made._fields, before, now, strict=True)
        if old != new and name != "model"
    ]
    if found:
        raise RangeError(
            f"{path}: expected the model and settings that the index was made with, "
            f"{before.model!r}, got {now.model!r}: {'; '.join(found)}. Name that model with "
            "--model, or make another index"
        )


def _said(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise WeightsError(
            f"{path.parent}: expected a folder with an index, found no {LISTING} in it; make one "
            "with `salience index FILES --out FOLDER`"
        )
    try:
        said = dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise WeightsError(f"{path}: expected JSON, got something else; {MAKE_ANEW}") from error
    if said.get("format") != FORMAT_OF_INDEX:
        raise WeightsError(
            f"{path}: expected the listing of an index of format {FORMAT_OF_INDEX}, got "
            f"{said.get('format')!r:.40}; {MAKE_ANEW}"
        )
    if said.pop("sha256", None) != _digest(said):
        raise WeightsError(
            f"{path}: expected the listing that was written, got one of another SHA-256: it is "
            f"damaged or was changed; {MAKE_ANEW}"
        )
    return said


def _listing(path: Path, said: Mapping[str, Any]) -> Listing:
    made, words = Made(**said["made"]), said["words"]
    volumes = [_volume(path, made.width, each) for each in said["volumes"]]
    return Listing(
        made, volumes, None if words is None else _folder(words), _files(said["words_files"])
    )


def _volume(path: Path, width: int, said: Mapping[str, Any]) -> Volume:
    removed = np.array(said["removed"], dtype=np.int64)
    if removed.size and not 0 <= removed.min() <= removed.max() < said["rows"]:
        raise ValueError("removed rows that are none")
    return Volume(
        path / _folder(said["name"]), int(said["rows"]), width, _files(said["files"]),
        dict(said["columns"]), removed,
    )  # fmt: skip


def _folder(name: str) -> str:
    """The name of a folder, which cannot lead out of the index."""
    if not _NAME_OF_FOLDER.fullmatch(name):
        raise ValueError("a folder of another name")
    return name


def _files(said: Sequence[Mapping[str, Any]]) -> list[Stored]:
    files = [Stored(**each) for each in said]
    if any(Path(each.name).name != each.name for each in files):
        raise ValueError("a file outside of its folder")
    return files


def _as_object(volume: Volume) -> dict[str, Any]:
    return {
        "name": volume.folder.name,
        "rows": volume.rows,
        "columns": dict(volume.columns),
        "removed": volume.removed.tolist(),
        "files": [each._asdict() for each in volume.files],
    }


def _digest(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
