"""What is stored on a Doc, and how it is read: attributes, hooks, similarity."""
