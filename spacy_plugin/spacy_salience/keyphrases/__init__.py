"""Words and phrases that a document is about."""
