"""spaCy's listeners, and the order of a pipeline that they depend on."""
