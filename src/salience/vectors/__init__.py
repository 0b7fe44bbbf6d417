"""Word vectors: files of all usual formats, look-up, comparison, and models made of them."""
