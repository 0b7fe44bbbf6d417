"""What an encoder says of one Doc."""

from typing import Any, NamedTuple


class DocOutput(NamedTuple):
    """The encoder's output for one Doc of T tokens.

    vectors [T, D], salience [T] and received attention [T] (both sum to 1),
    and the document vector [D].
    """

    vectors: Any
    salience: Any
    received: Any
    document: Any
