"""The commands, each of which is imported when it is called, or when all are listed."""

from importlib import import_module
from typing import Any

from typer import Typer
from typer.core import TyperGroup
from typer.main import get_command

from .terminal import safely

COMMANDS = (
    "show",
    "run",
    "index",
    "search",
    "evaluate",
    "distil",
    "finetune",
    "info",
    "warmup",
)
"""Names of commands, of their modules and of the functions in these, in the order of the help."""


class Commands(TyperGroup):
    """A group of commands that end with a message, and not with a traceback.

    These methods are called for each command, also when spaCy's command line starts it.
    """

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the commands' names."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by its name, None where there is none."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            self.commands[cmd_name] = imported(cmd_name)
        return super().get_command(ctx, cmd_name)

    def make_context(self, *args: Any, **named: Any) -> Any:
        """Parse arguments, which prints the help for --help."""
        with safely():
            return super().make_context(*args, **named)

    def invoke(self, ctx: Any) -> Any:
        """Call a command."""
        with safely():
            return super().invoke(ctx)


def imported(name: str) -> Any:
    """Return a command that is in the module of its name."""
    module = import_module(f".{name}", __package__)
    alone = Typer(add_completion=False, pretty_exceptions_show_locals=False)
    alone.command(name)(getattr(module, name))
    return get_command(alone)
