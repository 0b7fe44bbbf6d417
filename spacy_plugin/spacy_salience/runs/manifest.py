"""The manifest of a folder of results: what was asked, and what the inputs were found to hold."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from salience.errors import RangeError
from salience.files import write_whole

MANIFEST = "manifest.json"
SHOWN = 5
"""Differences that an error names."""

Said = Mapping[str, Any]


def read(out: Path) -> dict[str, Any] | None:
    """Return what a folder's manifest says: `asked` and `found`; None where there is none.

    Raises RangeError where it is no manifest, or there are files and none of them is one.
    """
    path = out / MANIFEST
    if not path.exists():
        others = sorted(each.name for each in out.glob("*") if not each.name.startswith("."))
        if others:
            raise RangeError(
                f"{out}: expected a new or empty folder, or one of results with a {MANIFEST}, "
                f"found {others[0]!r:.60}; name another with --out"
            )
        return None
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if said.keys() >= {"asked", "found"}:
            return dict(said)
    except (ValueError, AttributeError):
        pass
    raise RangeError(
        f"{path}: expected the manifest of a run, got something else; name another folder with "
        "--out"
    )


def write(out: Path, asked: Said, found: Said) -> None:
    """Write a manifest, whole."""
    content = json.dumps({"asked": asked, "found": found}, indent=1)
    write_whole(out / MANIFEST, lambda file: file.write(f"{content}\n".encode()))


def check_same(out: Path, before: Said, now: Said) -> None:
    """Raise RangeError, which says what differs, where something else is asked for now."""
    found = list(_differences("", dict(before), json.loads(json.dumps(now))))
    if not found:
        return
    more = f", and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    raise RangeError(
        f"{out}: expected what its {MANIFEST} was made for, got something else: "
        f"{'; '.join(found[:SHOWN])}{more}. Name another folder with --out, or give what was "
        "given before"
    )


def _differences(name: str, before: Any, now: Any) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for key in {**before, **now}:
            inner = f"{name}.{key}" if name else str(key)
            yield from _differences(inner, before.get(key), now.get(key))
    elif _all_named(before) and _all_named(now):
        by_name = [{each["name"]: each for each in some} for some in (before, now)]
        if list(by_name[0]) != list(by_name[1]):
            yield f"{name} were {_short(list(by_name[0]))}, now {_short(list(by_name[1]))}"
        else:
            for key in by_name[0]:
                yield from _differences(f"{name} {key}", by_name[0][key], by_name[1][key])
    elif before != now:
        yield f"{name} was {_short(before)}, now {_short(now)}"


def _all_named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(
        isinstance(each, dict) and "name" in each for each in value
    )  # fmt: skip


def _short(value: Any) -> str:
    said = json.dumps(value)
    return said if len(said) <= 60 else f"{said[:57]}..."
