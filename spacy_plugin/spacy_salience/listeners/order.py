"""The order of a pipeline: the last component that wrote doc.tensor must be a listener's upstream.

Where the pipeline is known, as in training, the order of components shows whose vectors a
listener reads. Where it is not, the Doc shows it: it has a hook of the salience
component that wrote doc.tensor, which tells whether another component wrote it since.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from weakref import ReferenceType, WeakKeyDictionary, ref

from spacy.language import Language
from spacy.pipeline.tok2vec import Tok2Vec, Tok2VecListener
from spacy.tokens import Doc
from thinc.api import Model

from salience.errors import PipelineError

from ..annotations.annotator import Annotator
from ..annotations.attention import HOOK, AttentionHook
from ..annotations.extensions import is_own

ANY = "*"
"""The name by which a listener takes any upstream."""


@dataclass
class _Pipeline:
    nlp: "ReferenceType[Language]"
    disabled: list[str] = field(default_factory=list)


# Not in the components, as these are pickled and copied without the pipeline.
_pipelines: "WeakKeyDictionary[Annotator, _Pipeline]" = WeakKeyDictionary()


def known(component: Annotator, nlp: Language) -> None:
    """Remember by a weak reference the pipeline that a component was made for."""
    _pipelines[component] = _Pipeline(ref(nlp), list(nlp.disabled))


def changed(component: Annotator) -> Language | None:
    """Return its pipeline where components of it were enabled or disabled since the last call."""
    pipeline = _pipelines.get(component)
    nlp = pipeline and pipeline.nlp()
    if not pipeline or not nlp or nlp.disabled == pipeline.disabled:
        return None
    pipeline.disabled = list(nlp.disabled)
    return nlp


def listeners_of(component: Any) -> list[Tok2VecListener]:
    """Return the listeners in a component's model."""
    model = getattr(component, "model", None)
    nodes = model.walk() if isinstance(model, Model) else ()
    return [node for node in nodes if isinstance(node, Tok2VecListener)]


def check_pipeline(nlp: Language) -> None:
    """Raise PipelineError where a listener would read the vectors of another than its upstream.

    Pipelines without a component of salience are not checked.
    """
    for place, (name, pipe) in enumerate(nlp.pipeline):
        for listener in listeners_of(pipe):
            _check_listener(nlp, place, name, listener)


def _check_listener(nlp: Language, place: int, name: str, listener: Tok2VecListener) -> None:
    writers = {other: pipe for other, pipe in nlp.pipeline if isinstance(pipe, Tok2Vec)}
    before = [other for other, _ in nlp.pipeline[:place] if other in writers]
    wanted = listener.upstream_name
    if not any(isinstance(pipe, Annotator) for pipe in writers.values()):
        return
    if isinstance(writers.get(wanted), Annotator) and wanted not in before:
        raise PipelineError(
            f"{name}: expected {wanted!r} before it, whose vectors it listens to, found it behind; "
            f'put {name!r} behind it: nlp.add_pipe(..., after="{wanted}")'
        )
    if wanted in before and wanted != before[-1]:
        raise PipelineError(_wrong_writer(name, wanted, before[-1], nlp))


def check_vectors(listener: Tok2VecListener, doc: Doc, is_train: bool) -> None:
    """Raise PipelineError where doc.tensor does not have a listener's vectors.

    Where it has none in training, spaCy itself raises (E203).
    """
    hooks: Any = doc.user_hooks
    tensor, hook = doc.tensor, hooks.get(HOOK)
    if tensor is None or not tensor.size:
        if len(doc) and not is_train and not _is_tried():
            raise PipelineError(_no_vectors(listener))
        return
    writer = hook.component if hook is not None else None
    if writer is not None:
        _check_writer(listener, doc, hook, writer)
    width = listener.maybe_get_dim("nO")
    if width and tensor.shape[1] != width:
        name = writer.name if writer is not None else "another component"
        raise PipelineError(_wrong_width(_reader(listener), listener, name, tensor.shape[1]))


def _check_writer(
    listener: Tok2VecListener, doc: Doc, hook: AttentionHook, writer: Annotator
) -> None:
    wanted, reader, nlp = listener.upstream_name, _reader(listener), _nlp_of(writer)
    if wanted == ANY:
        return
    present = is_own(doc, hook)
    if present is None:  # tokens were merged since
        if nlp is not None and reader in nlp.pipe_names:
            _check_listener(nlp, nlp.pipe_names.index(reader), reader, listener)
    elif present and not _is_called(writer, wanted, nlp):
        raise PipelineError(_wrong_writer(reader, wanted, writer.name, nlp))
    elif not present and _is_called(writer, wanted, nlp):
        others = ["another component", *_between(nlp, writer.name, reader)]
        raise PipelineError(_wrong_writer(reader, wanted, others[-1], nlp))


def _is_called(component: Annotator, name: str, nlp: Language | None) -> bool:
    """Whether the component has this name, or had it when a listener was made."""
    others = nlp.component_names if nlp else []
    return name == component.name or (name in component.names and name not in others)


def _is_tried() -> bool:
    """Whether thinc initialises a model, or `spacy debug model` tries one, on unprocessed Docs."""
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        if frame.f_code is Model.initialize.__code__:
            return True
        if frame.f_globals.get("__name__") == "spacy.cli.debug_model":
            return True
    return False


def _nlp_of(component: Annotator) -> Language | None:
    pipeline = _pipelines.get(component)
    return pipeline.nlp() if pipeline else None


def _between(nlp: Language | None, writer: str, reader: str) -> list[str]:
    """The components between these two that write doc.tensor."""
    pipes = nlp.pipeline if nlp else []
    names = [name for name, _ in pipes]
    first = names.index(writer) if writer in names else len(names)
    last = names.index(reader) if reader in names else len(names)
    return [name for name, pipe in pipes[first + 1 : last] if isinstance(pipe, Tok2Vec)]


def _reader(listener: Tok2VecListener) -> str:
    return str(getattr(listener, "read_in", "a listener"))


def _listening_to(nlp: Language | None, name: str) -> Iterator[str]:
    for other, pipe in nlp.pipeline if nlp else ():
        if any(listener.upstream_name == name for listener in listeners_of(pipe)):
            yield other


def _wrong_writer(reader: str, wanted: str, writer: str, nlp: Language | None) -> str:
    last = [reader, *_listening_to(nlp, wanted)][-1]
    return (
        f"{reader}: expected doc.tensor as its upstream {wanted!r} writes it, found that of "
        f"{writer!r}, which stands between the two; put {writer!r} behind all components that "
        f'listen to {wanted!r}: nlp.add_pipe(..., name="{writer}", after="{last}")'
    )


def _wrong_width(reader: str, listener: Tok2VecListener, writer: str, width: int) -> str:
    return (
        f"{reader}: expected vectors of width {listener.maybe_get_dim('nO')} of its upstream "
        f"{listener.upstream_name!r}, found doc.tensor of width {width}, written by {writer!r}; "
        f"put {writer!r} behind the components that listen to another, or name it as their upstream"
    )


def _no_vectors(listener: Tok2VecListener) -> str:
    wanted = listener.upstream_name
    return (
        f"{_reader(listener)}: expected doc.tensor as its upstream {wanted!r} writes it, found "
        f"none; {wanted!r} is missing in the pipeline, disabled, or behind it: load the pipeline "
        f"without exclude or disable, call nlp.enable_pipe({wanted!r}), or train with "
        "replace_listeners, after which a component needs none"
    )
