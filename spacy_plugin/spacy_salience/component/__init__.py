"""The pipeline component: how it runs, is saved and finds its place in a pipeline."""
