"""Folders, each of which is for one training alone."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from ..errors import WeightsError
from ..files import is_leftover, write_whole

Settings: TypeAlias = Mapping[str, Mapping[str, object]]

PLAN = "plan.json"


def claim(folder: Path, plan: Settings, made: Mapping[str, Path]) -> set[str]:
    """Write to a folder what its work depends on; return the parts that are new or changed.

    Args:
        folder: a new or empty one, or one that was claimed before.
        plan: the settings of each part of the work, by the part's name.
        made: for each part, the file after which its settings cannot change any more.

    Raises WeightsError, which names what differs, where the folder holds
    something else or the work of another plan; nothing is changed then.
    """
    path, text = folder / PLAN, json.dumps(plan, indent=1)
    ours, theirs = json.loads(text), _claimed(folder, path)
    changed = {part for part in ours if ours[part] != theirs.get(part)}
    for part in sorted(changed):
        before = theirs.get(part, {})
        names = [name for name in ours[part] if ours[part][name] != before.get(name)]
        if made[part].exists():
            raise WeightsError(
                f"{folder}: expected a folder of the same work, to go on with it; there, "
                f"{', '.join(names) or part} differs: repeat what it was begun with, or give "
                "another folder"
            )
    if changed:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda file: file.write(text.encode()))
    return changed


def _claimed(folder: Path, path: Path) -> dict[str, dict[str, object]]:
    """Read the plan of a folder; none where it is new or empty, or its start was killed."""
    if not os.path.lexists(path):
        found = [each.name for each in folder.iterdir()] if folder.is_dir() else []
        if os.path.lexists(folder) and not folder.is_dir():
            found = [folder.name]
        if not all(is_leftover(name, path) for name in found):
            raise WeightsError(
                f"{folder}: expected a new or empty folder, or one of the same work, found other "
                "files; give another folder"
            )
        return {}
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(plan, dict) or not all(isinstance(part, dict) for part in plan.values()):
            raise ValueError("it is no object of objects")
    except (OSError, ValueError, RecursionError) as error:
        raise WeightsError(
            f"{path}: expected what the folder was begun with, could not read it ({error}); give "
            "another folder"
        ) from error
    return plan


def digest(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while content := file.read(2**24):
            total.update(content)
    return total.hexdigest()
