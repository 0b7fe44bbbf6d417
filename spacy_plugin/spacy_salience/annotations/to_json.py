"""A Doc's results as JSON has them: numbers and lists."""

from collections.abc import Sequence
from typing import Any

from spacy.tokens import Doc

from .extensions import ATTENTION, DOC_VECTOR, SALIENCE
from .getters import result
from .stamps import STAMP, read_stamp

RESULTS = (SALIENCE, DOC_VECTOR, ATTENTION)


def to_json(doc: Doc, underscore: Sequence[str] = RESULTS) -> dict[str, Any]:
    """Return doc.to_json(underscore=...) with salience's arrays as lists of numbers.

    `Doc(nlp.vocab).from_json` reads it where the attributes are registered: `doc._`
    gives the same arrays again, and the document's vector and similarity are the
    same. doc.tensor is not in it.

    Args:
        doc: a processed Doc; of one that was not, all results are None.
        underscore: names under `doc._`, salience's and others'.

    Raises AnnotationError where tokens were split or merged since, and whatever
    doc.to_json raises of the other names.
    """
    arrays = {name: result(doc, name) for name in underscore if name in RESULTS}
    data: dict[str, Any] = doc.to_json(
        underscore=[name for name in underscore if name not in RESULTS]
    )
    lists = {name: None if array is None else array.tolist() for name, array in arrays.items()}
    if any(array is not None for array in arrays.values()):
        lists[STAMP] = read_stamp(doc)  # from_json puts it back as it does all others
    if lists:
        data["_"] = {**data.get("_", {}), **lists}
    return data
