"""The commands, each of which is imported when it is called, or when all are listed."""

from importlib import import_module
from typing import Any

from typer import Typer
from typer.core import TyperGroup
from typer.main import get_command

from .terminal import safely


class Commands(TyperGroup):
    """A group of commands that end with a message, and not with a traceback.

    These methods are called for each command, also when spaCy's command line starts it.
    """

    package = str(__package__)
    """Where the modules of the commands are."""

    names: tuple[str, ...] = (
        "show",
        "run",
        "index",
        "search",
        "duplicates",
        "vectors",
        "evaluate",
        "distil",
        "finetune",
        "info",
        "warmup",
    )
    """Commands, in the order of the help; each is in the module of its name, by its name."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the commands' names."""
        return list(self.names)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, or a group of commands, by its name; None where there is none."""
        if cmd_name in self.names and cmd_name not in self.commands:
            self.commands[cmd_name] = imported(self.package, cmd_name)
        return super().get_command(ctx, cmd_name)

    def make_context(self, *args: Any, **named: Any) -> Any:
        """Parse arguments, which prints the help for --help."""
        with safely():
            return super().make_context(*args, **named)

    def invoke(self, ctx: Any) -> Any:
        """Call a command."""
        with safely():
            return super().invoke(ctx)


def group(kind: type[Commands], name: str, described: str) -> Typer:
    """Return a group of commands."""
    made = Typer(
        name=name,
        cls=kind,
        help=described,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,  # they may hold text of a document
    )
    made.callback()(lambda: None)
    return made


def imported(package: str, name: str) -> Any:
    """Return what a module has by its own name: a group, or a function as a command."""
    found = getattr(import_module(f"{package}.{name}"), name)
    if isinstance(found, Typer):
        return get_command(found)
    alone = Typer(add_completion=False, pretty_exceptions_show_locals=False)
    alone.command(name)(found)
    return get_command(alone)
