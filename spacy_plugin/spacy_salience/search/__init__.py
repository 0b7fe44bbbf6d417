"""Many vectors compared: matrices, nearest neighbours, an index that lasts."""
