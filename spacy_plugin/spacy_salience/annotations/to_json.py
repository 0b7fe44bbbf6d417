"""A Doc's results as JSON has them: numbers and lists."""

from collections.abc import Sequence
from typing import Any

from spacy.tokens import Doc

from .extensions import RESULTS
from .getters import result
from .stamps import STAMP, read_stamp


def to_json(doc: Doc, underscore: Sequence[str] = RESULTS) -> dict[str, Any]:
    """Return doc.to_json(underscore=...) with salience's arrays as lists of numbers.

    `Doc(nlp.vocab).from_json` reads it where the attributes are registered: then `doc._`
    has the same arrays, and the document's vector and similarity are the
    same. It does not contain doc.tensor.

    Args:
        doc: a processed Doc; if it was not processed, all results are None.
        underscore: names under `doc._`, of salience and of others.

    Raises AnnotationError where tokens were split or merged since, and the errors of
    doc.to_json for other names.
    """
    arrays = {name: result(doc, name) for name in underscore if name in RESULTS}
    data: dict[str, Any] = doc.to_json(
        underscore=[name for name in underscore if name not in RESULTS]
    )
    lists = {name: None if array is None else array.tolist() for name, array in arrays.items()}
    if any(array is not None for array in arrays.values()):
        lists[STAMP] = read_stamp(doc)  # from_json restores it like the results
    if lists:
        data["_"] = {**data.get("_", {}), **lists}
    return data
