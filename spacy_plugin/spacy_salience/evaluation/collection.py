"""A collection with graded judgements: documents, queries, and which documents are how relevant."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from spacy.language import Language

from salience.training.evaluation import ndcg_at_k, reciprocal_rank
from salience.types import Floats

from ..texts import FileError
from .ranking import ranked
from .tables import Columns, bad_line, number_in, read_rows, too_few
from .task import Scores
from .vectors import Vectors

DOCUMENTS_OR_CORPUS = ("documents", "corpus")
WITH_IDS: Columns = (("id", "_id"), ("text",))
JUDGEMENTS: Columns = (("query", "query-id"), ("document", "corpus-id"), ("grade", "score"))
"""Columns, also by the names that BEIR's collections have."""


@dataclass(frozen=True)
class Collection:
    """Queries with the grades of their relevant documents; documents are ranked whole.

    grades: of each query's text, by places of documents.
    """

    name: str
    documents: Sequence[str]
    grades: Mapping[str, Mapping[int, float]]
    k: int

    @property
    def items(self) -> str:
        """How many queries and documents there are."""
        return f"{len(self.grades)} queries, {len(self.documents)} documents"

    def texts(self) -> Iterable[str]:
        """Return queries and documents."""
        return [*self.grades, *self.documents]

    def scores(self, vectors: Vectors, nlp: Language | None = None) -> Scores:
        """Return nDCG at k, recall at k and the mean reciprocal rank, by vectors.

        With a pipeline, whose tokens are the words, also those by BM25 alone and by both.
        """
        found: dict[str, list[float]] = {}
        for query, scores_by in ranked(list(self.grades), self.documents, vectors, nlp):
            for by, scores in scores_by.items():
                for figure, value in self._figures(query, scores).items():
                    found.setdefault(f"{figure}{by}", []).append(value)
        return {figure: float(np.mean(values)) for figure, values in found.items()}

    def _figures(self, query: str, scores: Floats) -> dict[str, float]:
        grades = np.zeros(len(self.documents))
        for place, grade in self.grades[query].items():
            grades[place] = grade
        gains = grades[np.argsort(-scores, kind="stable")]
        right = gains > 0
        return {
            f"nDCG@{self.k}": ndcg_at_k(gains, self.k),
            f"recall@{self.k}": float(right[: self.k].sum() / right.sum()),
            "mean reciprocal rank": reciprocal_rank([1 + int(right.argmax())]),
        }


def read_collection(name: str, path: Path, k: int) -> Collection:
    """Read documents, queries and qrels, tables of any format in a folder.

    Queries without a relevant document are left out. Raises FileError where a file is missing
    or not as expected.
    """
    documents = _texts(_file(path, *DOCUMENTS_OR_CORPUS))
    queries = _texts(_file(path, "queries"))
    places = {id_: place for place, id_ in enumerate(documents)}
    grades: dict[str, dict[int, float]] = {}
    judged = _file(path, "qrels")
    for row in read_rows(judged, JUDGEMENTS):
        query, document, _ = row.fields
        for id_, known, kind in ((query, queries, "query"), (document, documents, "document")):
            if id_ not in known:
                raise bad_line(judged, row.line, f"the id of a {kind}", f"{id_!r:.40}")
        grade = number_in(judged, row, 2)
        if grade > 0:
            grades.setdefault(queries[query], {})[places[document]] = grade
    if not grades or len(documents) < 2:
        raise too_few(
            path,
            "at least a query with a relevant document, and two documents",
            f"{len(grades)} queries and {len(documents)} documents",
        )
    return Collection(name, list(documents.values()), grades, k)


def _texts(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in read_rows(path, WITH_IDS):
        id_, text = row.fields
        if id_ in found:
            raise bad_line(path, row.line, "an id that no line before has", f"{id_!r:.40}")
        found[id_] = text
    return found


def _file(folder: Path, *names: str) -> Path:
    """The table of one of these names in a folder, whatever its ending."""
    found = sorted(
        each for each in folder.iterdir() if each.is_file() and each.name.split(".")[0] in names
    )
    if len(found) != 1:
        raise FileError(
            f"{folder}: expected a table {' or '.join(names)}, such as {names[0]}.tsv, got "
            f"{', '.join(each.name for each in found) or 'none'}; a collection is a folder of "
            "documents, queries and qrels"
        )
    return found[0]
