"""Files that are whole or absent, and folders that are of one training."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from ..errors import WeightsError

PLAN = "plan.json"


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Call write with a path beside this one, and give what it wrote this name."""
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        write(temporary)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def claim(folder: Path, plan: Mapping[str, object]) -> None:
    """Write to a folder what is made there of what, or see that it is the same.

    Raises WeightsError, which names what differs, where the folder is of
    another plan; nothing is changed then.
    """
    path, text = folder / PLAN, json.dumps(plan, indent=1)
    ours = json.loads(text)
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda part: part.write_text(text, encoding="utf-8"))
        return
    theirs = json.loads(path.read_text(encoding="utf-8"))
    for name in sorted({*ours, *theirs}):
        if ours.get(name) != theirs.get(name):
            raise WeightsError(
                f"{folder}: expected a folder of the same training, to go on with it; there, "
                f"{name} is {theirs.get(name)!r}, and now {ours.get(name)!r}: repeat what it was "
                "begun with, or give another folder"
            )
