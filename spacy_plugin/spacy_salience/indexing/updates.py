"""Adding documents to an index and removing them: new files first, then a new listing."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from salience.errors import RangeError

from ..runs.chunks import Chunk, chunks_of
from ..runs.kept import Kept
from ..runs.rows import Row
from . import listing as listings
from .listing import Listing
from .model import Model
from .passages import passages_of
from .scores import write_scores
from .stored import Stored, check, write_folder
from .volumes import Volume, write_volume

IN_VOLUME = 20_000
"""Documents of a volume, at most."""

MOST_IN_VOLUME = 2**23
"""Characters after which a volume is closed, however few documents it has."""

WRITTEN = "written.json"
"""Says of a volume what the listing will: one with this file is whole."""


class Changes(NamedTuple):
    """How many documents an update added, replaced by others of the same id, and left alone."""

    added: int
    replaced: int
    same: int


def digest_of(row: Row) -> str:
    """Return a digest of a document's text and columns."""
    content = json.dumps([row.text, row.values], default=str, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def add(
    path: Path, before: Listing, model: Model, rows: Iterable[Row],
    wanted: Mapping[str, str], kept: Sequence[Kept],
) -> tuple[Listing, Changes]:  # fmt: skip
    """Write volumes of documents, and a listing that has them in place of any of the same ids.

    Volumes that an earlier call finished before it was killed are taken as they are.

    Args:
        wanted: the digests of the documents, by their ids.
        kept: the input's columns.
    """
    known = {id_: digest for each in before.volumes for id_, digest in each.documents().items()}
    same = {id_ for id_, digest in wanted.items() if known.get(id_) == digest}
    others = [id_ for id_ in wanted if id_ not in same]
    changes = Changes(len(others) - len(known.keys() & set(others)),
                      len(known.keys() & set(others)), len(same))  # fmt: skip
    if not others:
        return before, changes
    new = (row for row in rows if row.id not in same)
    with tqdm(total=len(others), unit=" documents", disable=None) as bar:
        volumes = list(_volumes(path, before, model, new, kept, bar))
    old = _without(before.volumes, known.keys() & set(others))
    return _replaced(path, before, [*old, *volumes]), changes


def remove(path: Path, before: Listing, ids: Sequence[str]) -> Listing:
    """Write a listing without these documents; RangeError where one is not there."""
    known = {id_ for each in before.volumes for id_ in each.documents()}
    missing = [id_ for id_ in ids if id_ not in known]
    if missing:
        raise RangeError(
            f"{path}: expected ids of documents in the index, got {missing[0]!r:.60}, which is "
            "none; nothing was removed"
        )
    return _replaced(path, before, _without(before.volumes, set(ids)))


def _volumes(
    path: Path, before: Listing, model: Model, rows: Iterable[Row], kept: Sequence[Kept], bar: tqdm
) -> Iterator[Volume]:
    for chunk in chunks_of(rows, IN_VOLUME, MOST_IN_VOLUME):
        if chunk.rows:
            yield _volume(path, before, model, chunk, kept)
            bar.update(len(chunk.rows))


def _volume(
    path: Path, before: Listing, model: Model, chunk: Chunk, kept: Sequence[Kept]
) -> Volume:
    """The volume of some documents, which is written if it is not there."""
    digests = [digest_of(row) for row in chunk.rows]
    ids = [row.id for row in chunk.rows]
    said = json.dumps([before.made, ids, digests, [list(each) for each in kept]])
    folder = path / f"volume-{hashlib.sha256(said.encode()).hexdigest()[:16]}"
    columns = {each.name: each.named for each in kept}
    finished = _finished(folder)
    if finished is None:
        passages = [list(passages_of(model.sentences(row.text), before.made.passage_words))
                    for row in chunk.rows]  # fmt: skip
        vectors = model.vectors(
            [row.text[each.start : each.end]
             for row, some in zip(chunk.rows, passages, strict=True) for each in some]
        )  # fmt: skip
        documents = list(zip(chunk.rows, digests, passages, strict=True))
        files = write_folder(
            folder, partial(write_volume, rows=documents, vectors=vectors, kept=kept)
        )
        finished = len(vectors), files
        _say_finished(folder, *finished)
    none = np.zeros(0, np.int64)
    return Volume(folder, finished[0], before.made.width, finished[1], columns, none)


def _say_finished(folder: Path, rows: int, files: Sequence[Stored]) -> None:
    content = json.dumps({"rows": rows, "files": files})
    (folder / WRITTEN).write_text(content, encoding="utf-8")


def _finished(folder: Path) -> tuple[int, list[Stored]] | None:
    """The passages and files of a volume that a killed build finished; None where there is none."""
    try:
        said = json.loads((folder / WRITTEN).read_text(encoding="utf-8"))
        files = [Stored(*each) for each in said["files"]]
        for each in files:
            check(folder, each)
        return int(said["rows"]), files
    except (OSError, ValueError, KeyError, TypeError):  # WeightsError is a ValueError
        return None


def _without(volumes: Iterable[Volume], ids: set[str]) -> list[Volume]:
    """The volumes with the passages of these documents removed; those that keep none are left."""
    found = []
    for each in volumes:
        removed = np.union1d(each.removed, each.rows_of(ids)) if ids else each.removed
        if len(removed) < each.rows:
            found.append(replace(each, removed=removed))
    return found


def _replaced(path: Path, before: Listing, volumes: Sequence[Volume]) -> Listing:
    """Write the words' scores and the listing; folders that neither listing needs are removed.

    Those of the listing before stay until the next update, for readers that have it open.
    """
    words, files = write_scores(path, volumes)
    now = Listing(before.made, volumes, words, files)
    listings.write(path, now)
    for each in path.glob("*-*"):
        if each.is_dir() and each.name not in before.folders | now.folders:
            shutil.rmtree(each, ignore_errors=True)
    return now
