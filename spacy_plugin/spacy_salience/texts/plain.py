"""Plain text files: documents with blank lines between them."""

from collections.abc import Iterator

from salience.model.forms import is_blank

from .lines import lines
from .sources import Source


def paragraphs(source: Source) -> Iterator[str]:
    """Yield the documents of a plain text file: lines that no blank line separates."""
    paragraph: list[str] = []
    for line in lines(source):
        if line[:1].isalnum() or not is_blank(line):  # the first test is quick and mostly enough
            paragraph.append(line)
        elif paragraph:
            yield "\n".join(paragraph)
            paragraph = []
    if paragraph:
        yield "\n".join(paragraph)
