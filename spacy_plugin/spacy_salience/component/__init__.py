"""The pipeline component: processing Docs, saving, loading and freezing."""
