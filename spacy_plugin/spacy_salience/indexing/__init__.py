"""An index of texts in a folder: passages with their vectors and words, added to and searched."""
