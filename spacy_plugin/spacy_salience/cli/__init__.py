"""The `salience` command; also `python -m spacy salience`."""

from .commands import Commands, group

__all__ = ["app"]

app = group(Commands, "salience", "Contextual token vectors, similarity and attention for spaCy.")
