"""Have spaCy's own `.vector` and `.similarity()` of a Doc use its stored results."""

from spacy.tokens import Doc

from .register import register
from .similarity import lead


def attach(doc: Doc) -> Doc:
    """Have the document's `.vector` and `.similarity()` use its stored results; return it.

    Registers the attributes under `doc._` and `token._` too. Raises PipelineError
    where another package has registered one of their names.
    """
    register()
    return lead(doc)
