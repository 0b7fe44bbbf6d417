"""`:::{commands}`: every command with its arguments and options, as --help has them."""

import re
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective
from typer.main import get_command

from spacy_salience.cli import app as salience_app


class Commands(SphinxDirective):
    """A section for each command, made of what the program itself says."""

    def run(self) -> list[nodes.Node]:
        """Write the sections in Markdown, and have them read as any other page."""
        found: list[nodes.Node] = self.parse_text_to_nodes(
            "\n\n".join(described(name, each) for name, each in commands().items()),
            allow_section_headings=True,
        )
        return found


def commands() -> dict[str, Any]:
    """Return the commands by their names."""
    group: Any = get_command(salience_app)
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        below = getattr(command, "commands", None)
        if below is None:
            found[name] = command
        else:  # a group: its commands, as `salience GROUP NAME`
            found |= {f"{name} {each}": below[each] for each in below}
    return found


def described(name: str, command: Any) -> str:
    """One command in Markdown."""
    rows = [row(each) for each in command.params if each.name != "help"]
    head = ["| | meaning | default |", "| --- | --- | --- |"]
    return "\n".join([f"## salience {name}", "", command.help or "", "", *head, *rows])


def row(parameter: Any) -> str:
    """One argument or option."""
    argument = parameter.param_type_name == "argument"
    names = parameter.name.upper() if argument else ", ".join(parameter.opts)
    default = "" if parameter.required or parameter.default is None else f"`{parameter.default}`"
    meaning = re.sub(r"(--\w+)", r"`\1`", parameter.help or "").replace("|", r"\|")
    return f"| `{names}` | {meaning} | {'required' if parameter.required else default} |"


def setup(app: Any) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True}
