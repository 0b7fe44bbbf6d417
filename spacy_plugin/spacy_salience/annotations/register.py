"""Registering the attributes under `doc._` and `token._`, once in every process.

All packages of a process share spaCy's registry: it is an error where another has taken a name.
"""

from functools import partial
from typing import Any, TypeAlias

from spacy.tokens import Doc, Token

from salience.errors import PipelineError

from .extensions import RESULTS, SALIENCE, TOP, write
from .getters import result, salience_top, token_salience
from .stamps import STAMP, read_stamp, write_stamp

Kind: TypeAlias = type[Doc] | type[Token]


def register() -> None:
    """Register the attributes; calling it again does nothing.

    Raises PipelineError, before any is registered, where another package has taken a name.
    """
    wanted = _wanted()
    for kind, name, own in wanted:
        if kind.has_extension(name) and not _alike(kind.get_extension(name), own):
            raise PipelineError(_taken(kind, name))
    for kind, name, own in wanted:
        if not kind.has_extension(name):
            kind.set_extension(name, **own)


def _wanted() -> list[tuple[Kind, str, dict[str, Any]]]:
    # partial, not a closure, as the registry is pickled for spawned worker processes.
    results: list[tuple[Kind, str, dict[str, Any]]] = [
        (Doc, name, {"getter": partial(result, name=name), "setter": partial(write, name=name)})
        for name in RESULTS
    ]
    return [
        *results,
        (Token, SALIENCE, {"getter": token_salience}),
        (Doc, TOP, {"method": salience_top}),
        (Doc, STAMP, {"getter": read_stamp, "setter": write_stamp}),
    ]


def _alike(found: tuple[Any, ...], own: dict[str, Any]) -> bool:
    """Whether the attribute is ours, also where it was unpickled or its module reloaded."""
    _, *functions = found
    wanted = map(own.get, ("method", "getter", "setter"))
    return list(map(_name_of, functions)) == list(map(_name_of, wanted))


def _name_of(function: Any) -> tuple[Any, ...]:
    inner = getattr(function, "func", function)
    names = (getattr(inner, name, None) for name in ("__module__", "__qualname__"))
    return *names, getattr(function, "keywords", None)


def _taken(kind: Kind, name: str) -> str:
    what = kind.__name__
    default, method, getter, _ = kind.get_extension(name)
    module = getattr(getattr(method or getter, "func", method or getter), "__module__", None)
    found = f"a function of {module}" if module else f"the default {default!r:.40}"
    return (
        f"{what.lower()}._.{name}: expected a name that is free or salience's, found another "
        f"attribute of this name ({found}); give that one another name, or remove it with "
        f"{what}.remove_extension({name!r})"
    )
