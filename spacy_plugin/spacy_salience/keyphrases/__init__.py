"""Keywords: the words and phrases that a document is about."""
