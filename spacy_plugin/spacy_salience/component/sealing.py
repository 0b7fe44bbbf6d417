"""A digest inside the msgpack bytes of thinc and spaCy, which can still read them.

It is the last entry of the map: the SHA-256 of all bytes before it.
"""

import hashlib
from collections.abc import Set
from typing import Any

import srsly

from salience.errors import WeightsError

DIGEST_KEY = "sha256"
_DIGEST_LENGTH = 64
_MARK = bytes([0xA0 + len(DIGEST_KEY)]) + DIGEST_KEY.encode() + bytes([0xD9, _DIGEST_LENGTH])
"""The entry in msgpack up to the digest: its key, and the head of a string of 64 characters."""


def sealed(content: bytes) -> bytes:
    """Return the content of a msgpack map of fewer than 15 entries, with its digest."""
    # The first byte of such a map is 0x80 plus the number of its entries, now one more.
    begun = bytes([content[0] + 1]) + content[1:] + _MARK
    return begun + _digest(begun)


def unsealed(content: bytes, known: Set[str]) -> dict[str, Any]:
    """Return the entries of a map, without its digest.

    Older versions wrote no digest: a map without one may have only known entries.
    Raises WeightsError, or an error of msgpack, where it is damaged.
    """
    begun, stated = content[:-_DIGEST_LENGTH], content[-_DIGEST_LENGTH:]
    has_digest = begun.endswith(_MARK)
    if has_digest and _digest(begun) != stated:
        raise WeightsError(
            "the SHA-256 of the content is not the one it states; it is damaged: restore it from "
            "a copy, or save it again"
        )
    entries: Any = srsly.msgpack_loads(content)
    if has_digest:
        entries.pop(DIGEST_KEY)
    if not (isinstance(entries, dict) and entries.keys() <= known):
        raise WeightsError(
            f"expected a map of {', '.join(sorted(known))}, found other content; it is damaged, or "
            "not of salience: restore it from a copy, or save it again"
        )
    return entries


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
