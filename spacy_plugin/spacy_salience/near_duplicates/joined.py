"""Items that pairs join into groups: which items belong together, and by which pairs."""

from typing import NamedTuple

import numpy as np

from salience.types import Floats, Ints


class Pair(NamedTuple):
    """Two items, by their places, and the cosine of their vectors."""

    a: int
    b: int
    score: float


class Joined:
    """N items in groups, at first each alone.

    Of the pairs that it is shown it keeps one for each two groups that became one, so that
    a group of n items has n - 1 pairs, however many there were.
    """

    def __init__(self, count: int) -> None:
        self.labels: Ints = np.arange(count)
        """Each item's group; groups that became one have the label of the larger one."""
        self.pairs: list[Pair] = []
        self._members: dict[int, list[int]] = {}

    def join(self, item: int, others: Ints, scores: Floats) -> None:
        """Join an item with others; of a group of them, by the one that scores highest."""
        new = np.flatnonzero(self.labels[others] != self.labels[item])
        if not len(new):
            return
        order = new[np.argsort(-scores[new], kind="stable")]
        _, first = np.unique(self.labels[others[order]], return_index=True)
        for at in order[np.sort(first)].tolist():
            other = int(others[at])
            self.pairs.append(Pair(min(item, other), max(item, other), float(scores[at])))
            self._unite(int(self.labels[item]), int(self.labels[other]))

    def are_one(self, items: slice, others: slice) -> bool:
        """Say whether all of these are of one group already, so that no pair can join any."""
        label = self.labels[items.start]
        return bool((self.labels[items] == label).all() and (self.labels[others] == label).all())

    def _unite(self, label: int, other: int) -> None:
        """Make two groups one. The smaller one's items change: log2 N times each, at most."""
        more, fewer = (self._members.pop(each, [each]) for each in (label, other))
        if len(more) < len(fewer):
            label, more, fewer = other, fewer, more
        self.labels[fewer] = label
        more += fewer
        self._members[label] = more
