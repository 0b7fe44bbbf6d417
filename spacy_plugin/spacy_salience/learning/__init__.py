"""Making models: from texts and a teacher, or from pairs of texts."""
