"""Comparing many vectors: matrices, nearest neighbours, and an index that can be saved."""
