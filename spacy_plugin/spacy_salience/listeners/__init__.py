"""spaCy's listeners, and checks of the order of components that they depend on."""
