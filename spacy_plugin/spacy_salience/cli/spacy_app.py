"""Add `salience` to spaCy's own command line."""

from spacy.cli._util import app as spacy_app

from . import app

spacy_app.add_typer(app, name="salience")
