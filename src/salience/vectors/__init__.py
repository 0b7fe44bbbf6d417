"""Word vectors: learning them from co-occurrence."""
