"""The results that are stored on a Doc, and the functions that read and check them.

Results are plain NumPy arrays in doc.user_data (under the keys of `doc._`)
and doc.tensor, so they survive to_bytes, pickle, worker processes and
DocBin(store_user_data=True). Every function that reads them checks that they fit the Doc.
"""

from typing import Any

import numpy as np
from spacy.tokens import Doc

from salience.errors import AnnotationError

from . import stamps
from .attention import HOOK, AttentionHook
from .origin import Origin
from .outputs import DocOutput

RESULTS = SALIENCE, DOC_VECTOR, ATTENTION = "salience", "salience_vector", "attention"
TOP = "salience_top"

_KEYS = {name: stamps.key_of(name) for name in RESULTS}
_OF_SALIENCE, _OF_VECTOR, _OF_ATTENTION = _KEYS.values()
_CHECKED = (f"doc._.{SALIENCE}", f"doc._.{ATTENTION}", "doc.tensor")

ROUNDED = 0.01
"""The largest difference between a stored vector and the sum of its tokens', as a share of its
length, that rounding explains."""

_UNKNOWN = AttentionHook()

_AGAIN = 'process the document again: doc = nlp.get_pipe("salience")(doc)'


def store(doc: Doc, output: DocOutput, origin: Origin) -> None:
    """Store a model's results for the document's present tokens."""
    doc.tensor = output.vectors
    data: Any = doc.user_data
    data[_OF_SALIENCE], data[_OF_VECTOR] = output.salience, output.document
    data[_OF_ATTENTION] = output.received
    data[stamps.KEY] = stamps.stamp_of(origin, output.tokens or stamps.tokens_of(doc))


def write(doc: Doc, value: Any, name: str) -> None:
    """Store one result, an array or a list of numbers; None removes it.

    Raises AnnotationError where the value is anything else.
    """
    array = None if value is None else _as_array(value, name)
    hooks: Any = doc.user_hooks
    hook = hooks.get(HOOK)
    if hook is not None:
        hooks[HOOK] = hook.anew()  # so that the results are checked again
    if array is None:
        doc.user_data.pop(_KEYS[name], None)
    else:
        doc.user_data[_KEYS[name]] = array


def read(doc: Doc, name: str) -> Any:
    """Return one result, or None where the document has not been processed.

    Raises AnnotationError where tokens were split or merged since, or the stored
    value is not such a result.
    """
    value = doc.user_data.get(_KEYS[name])
    if value is not None:
        if type(value) is not np.ndarray:
            value = _as_array(value, name)
        seen(doc)
    return value


def has_results(doc: Doc) -> bool:
    """Say whether anything is stored on the document."""
    return any(doc.user_data.get(key) is not None for key in _KEYS.values())


def _as_array(value: Any, name: str) -> Any:
    """The numbers [T] or [D] as an array; Doc.from_json sets them as a list."""
    try:
        array = value if isinstance(value, np.ndarray) else np.asarray(value, dtype=np.float32)
    except (TypeError, ValueError):
        array = np.empty(())
    is_new = array is not value  # NumPy makes NaN of a list's None
    is_odd = array.ndim != 1 or array.dtype.kind != "f"
    if is_odd or (is_new and not np.isfinite(array).all()):
        raise AnnotationError(
            f"doc._.{name}: expected an array or a list of numbers, found {type(value).__name__}; "
            f"another component writes there: give its attribute another name, or {_AGAIN}"
        )
    return array


def tensor_of(doc: Doc) -> Any:
    """Return doc.tensor [T, D], whichever component wrote it.

    Raises AnnotationError where it is missing, or tokens were split since.
    """
    if len(doc) and not _rows(doc.tensor):
        raise AnnotationError(
            "doc.tensor: expected one row a token, found none; the document was not processed, was "
            f"cleared (doc_cleaner), or came out of a DocBin, which does not keep tensors: {_AGAIN}"
        )
    seen(doc)
    return doc.tensor


def token_vectors(doc: Doc) -> Any:
    """Return doc.tensor [T, D], as the salience component wrote it.

    Raises AnnotationError where it is missing, tokens were split since, or another
    component wrote it.
    """
    vector = read(doc, DOC_VECTOR)
    tensor = tensor_of(doc)
    if vector is None:
        return tensor
    width = stamps.token_width(doc) or len(vector)
    if tensor.shape[1:] != (width,) or not seen(doc).own:
        raise AnnotationError(
            f"doc.tensor: expected salience's vectors of width {width}, found others of "
            f"{tensor.shape[1:]}; another component, such as tok2vec, wrote it after salience: "
            "put salience after it"
        )
    return tensor


def seen(doc: Doc) -> AttentionHook:
    """Check, once for each doc.tensor, that results are of the document's present tokens.

    Returns the document's hook. Raises AnnotationError where tokens were split or merged since.
    """
    hooks: Any = doc.user_hooks
    hook: AttentionHook | None = hooks.get(HOOK)
    # First what is quick, as each call of doc.similarity comes here.
    if hook is not None and doc.tensor is not None and hook.tensor() is doc.tensor:
        return hook
    _check_rows(doc)
    if not stamps.of_these_tokens(doc):
        raise AnnotationError(
            "doc._.salience: expected results of the document's tokens, found those of others; "
            "tokens were split and merged after the salience component: put it after what does "
            f"so, or {_AGAIN}"
        )
    if not _rows(doc.tensor):
        return hook or _UNKNOWN  # without an array that shows changes, check at each call
    own = hook is None or is_own(doc, hook) is not False
    hook = (hook or _UNKNOWN).anew(doc, own)
    doc.user_hooks = {**hooks, HOOK: hook}  # a new dict, as span.as_doc() shares its document's
    return hook


def is_own(doc: Doc, hook: AttentionHook) -> bool | None:
    """Say whether the hook's component wrote doc.tensor; None where this cannot be known."""
    tensor = doc.tensor
    if hook.component is None or tensor is None or hook.tensor() is tensor:
        return hook.own
    salience, vector = doc.user_data.get(_OF_SALIENCE), doc.user_data.get(_OF_VECTOR)
    if hook.tokens != len(doc) or salience is None or vector is None or not len(tensor):
        return None  # tokens were merged, for which spaCy makes another array
    width = len(vector) if hook.projection is None else hook.projection.shape[1]
    if not isinstance(tensor, np.ndarray) or tensor.shape != (len(salience), width):
        return False
    # A copied Doc has another array, whose numbers still sum to the document's vector.
    total = salience @ tensor
    return _is_near(total if hook.projection is None else hook.projection @ total, vector)


def is_sum(doc: Doc) -> bool:
    """Say whether the document's vector, if any, is its tokens' sum weighted by salience."""
    salience, vector = read(doc, SALIENCE), read(doc, DOC_VECTOR)
    if salience is None or vector is None:
        return True
    total = salience @ token_vectors(doc) if len(doc) else 0 * vector
    return _is_near(total, vector)


def _is_near(total: Any, vector: Any) -> bool:
    rest = np.abs(total - vector).max(initial=0)
    return bool(rest <= ROUNDED * np.abs(vector).max(initial=0))


def _check_rows(doc: Doc) -> None:
    """Raise AnnotationError where a result does not have one row for each token.

    spaCy changes the rows of doc.tensor when tokens are merged or split, so one of the three
    arrays alone may have the right number of rows.
    """
    length, get = len(doc), doc.user_data.get
    values = get(_OF_SALIENCE), get(_OF_ATTENTION), doc.tensor
    for what, value in zip(_CHECKED, values, strict=True):
        rows = _rows(value)
        if rows and rows != length:
            raise AnnotationError(
                f"{what}: expected one row for each of the {length} tokens, found {rows}; tokens "
                "were split or merged after the salience component: put it after what does so, or "
                f"{_AGAIN}"
            )


def _rows(value: Any) -> int:
    try:
        return 0 if value is None else len(value)
    except TypeError:
        return 0  # no array, which raises when it is read


def needed(doc: Doc, name: str, what: str) -> Any:
    """Return one result, which `what` needs; AnnotationError where there is none."""
    value = read(doc, name)
    if value is None:
        raise AnnotationError(
            f"{what}: expected doc._.{name}, found none; the document was not processed, was "
            "cleared (doc_cleaner), or is a new one (span.as_doc, Doc.from_docs): process it with "
            'a pipeline that has the component, nlp.add_pipe("salience")'
        )
    return value
