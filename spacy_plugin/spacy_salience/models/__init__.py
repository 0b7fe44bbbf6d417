"""From Docs to vectors: the models behind the component, frozen and learning."""
