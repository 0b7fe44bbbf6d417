"""Optional packages, which some features need and which are not installed with the plugin."""

from importlib import import_module
from typing import Any

from salience.errors import MissingPackageError


def optional(module: str, what: str, install: str) -> Any:
    """Return a module of an optional package.

    Raises MissingPackageError where it cannot be imported: its text says that the feature
    `what` needs it, and that the command `install` installs it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingPackageError(
            f"{what} needs the package {module.partition('.')[0]}, which is not installed or lacks "
            f"what it needs ({error}); run {install}"
        ) from error
