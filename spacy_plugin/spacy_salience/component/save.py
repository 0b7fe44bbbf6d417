"""Saving a whole pipeline, atomically."""

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import srsly
from spacy.language import Language

from salience.errors import WeightsError
from salience.exchange import write_folder

META, CONFIG = "meta.json", "config.cfg"
OF_SPACY = {META, CONFIG, "tokenizer", "vocab"}


def save(nlp: Language, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
    """Save a pipeline to a folder, as nlp.to_disk does, but whole or not at all.

    It is written and synced beside the folder, then replaces it in one step: a process
    that is killed, a full disk or an error leaves the pipeline that was there before.
    What is excluded is not in the folder afterwards, even if it was before.

    Args:
        nlp: any pipeline, with or without salience.
        path: a new folder in one that exists, an empty one, or a saved pipeline
            without any other files, which is replaced.
        exclude: names of components, "vocab" or "tokenizer" to leave out, as for nlp.to_disk.

    Raises:
        WeightsError: something else is at the path, or no folder to make it
            in; nothing has changed then.
        OSError: it could not be written; what was there before is as it was.
    """
    given, exclude = Path(path), list(exclude)
    if given.is_symlink():
        raise _refusal(given, "a link; give the folder that it leads to")
    place = Path(os.path.realpath(given))
    check_place(place)
    to_disk = partial(nlp.to_disk, exclude=exclude)
    write_folder(place, to_disk, partial(check_place, place))


def check_place(path: Path) -> None:
    """Raise WeightsError where no pipeline can be saved without a loss of something else."""
    if not path.parent.is_dir():
        raise _refusal(path, f"no folder {path.parent} to make it in; make that first")
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise _refusal(path, "something that is no folder; give another path")
    if not path.exists():
        return
    if path.is_mount() or path in (Path.cwd(), *Path.cwd().parents):
        raise _refusal(
            path, "a disk, or the folder that this process works in; give a folder inside of it"
        )
    others = _others(path)
    if others:
        raise _refusal(
            path,
            f"{', '.join(others[:3])}{' and more' if others[3:] else ''}, which would be lost; "
            "move that away, or give another folder",
        )


def _others(path: Path) -> list[str]:
    """The files of a folder that saving a pipeline does not write."""
    found = set(os.listdir(path))
    if not {META, CONFIG} <= found:
        return sorted(found)
    try:
        meta: Any = srsly.read_json(path / META)
        names = {str(name) for name in meta["components"]}  # the disabled ones too
        # Some components, such as the sentencizer, write a file of that name and no folder.
        names |= {str(Path(name).with_suffix(".json")) for name in names}
    except (ValueError, TypeError, KeyError, OSError):
        return [f"a {META} that cannot be read"]
    return sorted(found - OF_SPACY - names)


def _refusal(path: Path, found: str) -> WeightsError:
    return WeightsError(
        f"save: expected a new or empty folder, or one of a saved pipeline, at {path}, found "
        f"{found}"
    )
