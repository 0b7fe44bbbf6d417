"""The results that are stored on a Doc, and reading them: attributes, hooks, similarity."""
