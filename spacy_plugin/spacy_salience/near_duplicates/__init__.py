"""Texts that say nearly the same: which pairs are alike, and the groups that pairs join."""
