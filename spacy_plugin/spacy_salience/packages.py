"""Packages that a part of the plugin needs and that are not installed with it."""

from importlib import import_module
from typing import Any

from salience.errors import MissingPackageError


def optional(module: str, what: str, install: str) -> Any:
    """Return a module of an optional package; `what` needs it, and `install` brings it.

    Raises MissingPackageError, which says so, where it cannot be imported.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingPackageError(
            f"{what} needs the package {module.partition('.')[0]}, which is not installed or lacks "
            f"what it needs ({error}); run {install}"
        ) from error
