"""Encoding texts to arrays, without Docs where they are not needed."""
