"""Plain text: documents with blank lines between them."""

from collections.abc import Iterator

from salience.forms import is_blank

from .lines import lines
from .sources import Source


def paragraphs(source: Source) -> Iterator[str]:
    """Yield the documents of a plain text, each of the lines between two blank ones."""
    paragraph: list[str] = []
    for line in lines(source):
        if not is_blank(line):
            paragraph.append(line)
        elif paragraph:
            yield "\n".join(paragraph)
            paragraph = []
    if paragraph:
        yield "\n".join(paragraph)
