"""The docstrings are plain text: code in backticks, equations as they are typed."""

import re
from typing import Any

EQUATION = re.compile(r"^[^ .:]+(, [^ .:]+)?( [^ .:=]+)? = ")
CODE = re.compile(r"(`+[^`]+`+)")
MARKUP = re.compile(r"[*|\\]|_(?!\w)")


def setup(app: Any) -> dict[str, Any]:
    """Come before napoleon, which reads the sections."""
    app.connect("autodoc-process-docstring", process, priority=100)
    return {"parallel_read_safe": True}


def process(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Mark code and equations for reStructuredText, and leave nothing else to it."""
    paragraphs = "\n".join(lines).split("\n\n")
    marked = [equation(each) if is_equation(each) else plain(each) for each in paragraphs]
    lines[:] = "\n\n".join(marked).split("\n")


def is_equation(paragraph: str) -> bool:
    """Say whether it begins with what something equals and is no sentence."""
    return bool(EQUATION.match(paragraph)) and not paragraph.endswith(".")


def equation(paragraph: str) -> str:
    """Show it as it was typed."""
    return ".. code-block:: text\n\n" + "\n".join(f"   {line}" for line in paragraph.split("\n"))


def plain(paragraph: str) -> str:
    """Escape what reStructuredText would read as markup."""
    parts = CODE.split(paragraph)
    parts[::2] = [MARKUP.sub(r"\\\g<0>", part) for part in parts[::2]]
    parts[1::2] = [f"``{part.strip('`')}``" for part in parts[1::2]]
    return "".join(parts)
