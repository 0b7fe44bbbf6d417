"""Word vectors: learning them from co-occurrence, files, look-up, and models made of them."""
