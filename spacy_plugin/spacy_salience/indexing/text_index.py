"""An index of texts in a folder, which lasts: documents are added and removed, and searched."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import numpy as np

from salience import checks
from salience.errors import DtypeError, RangeError, ShapeError
from salience.types import Floats

from ..runs import inputs as files
from ..runs.folder import held
from ..runs.kept import Types
from ..runs.plan import SeenRows
from ..runs.rows import ID, Reading, Row, rows_of
from ..texts import listed
from . import listing as listings
from . import updates
from .found import Hit, Why
from .fusion import ONLY, Only, best, fused
from .listing import Listing
from .model import PASSAGE_WORDS, Model
from .scores import read_scores
from .updates import Changes
from .volumes import OF_HITS, OWN, Volume
from .why import why
from .words import Words


class TextIndex:
    """Texts in a folder that answer questions, with their reasons.

    Documents are cut at sentences into overlapping passages, of which the folder has the
    vectors, the words and the text. `TextIndex.create(path)` makes an index or opens the one
    that is there, `TextIndex.open(path)` opens it to be searched. An update replaces
    `index.json` when all its files are on the disk, so that nobody ever sees half of it; an
    index that is open stays as it is, in other processes too, until it is opened anew.
    """

    def __init__(self, path: Path, listing: Listing, model: Model) -> None:
        self.path, self._model = path, model
        self._take(listing)

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        model: str | None = None,
        lang: str | None = None,
        passage_words: int | None = None,
    ) -> "TextIndex":
        """Return the index of a folder, a new one where there is none.

        Args:
            path: a folder, new, empty or of an index.
            model: an embedded model, a .safetensors file, or a spaCy pipeline's folder or name;
                by default the index's own, or of a new one the embedded one of the language, or
                of English.
            lang: the texts' language; by default the model's.
            passage_words: of a passage, about; 120 by default.

        Raises:
            RangeError: the folder has something else, another process writes to it, or the
                index is of another model or of other settings; the text says what differs.
            WeightsError: the index is damaged.
        """
        if passage_words is not None:
            checks.at_least("TextIndex.create", "passage_words", passage_words, 1)
        folder = Path(path)
        listings.check_new(folder)
        with held(folder):
            if (folder / listings.LISTING).exists():
                return cls._opened(folder, model, lang, passage_words)
            named = Model(model, lang)
            listing = Listing(named.made(passage_words or PASSAGE_WORDS), [], None, [])
            listings.write(folder, listing)
        return cls(folder, listing, named)

    @classmethod
    def open(cls, path: str | Path, *, model: str | None = None) -> "TextIndex":
        """Return the index of a folder, with its model or with the same one by another name.

        Files are memory-mapped, and each is compared with its digest when it is first read.

        Raises WeightsError where there is no index, or a file is missing or was cut, and
        RangeError where the model is another one than the index was made with.
        """
        return cls._opened(Path(path), model)

    @classmethod
    def _opened(
        cls,
        folder: Path,
        model: str | None,
        lang: str | None = None,
        passage_words: int | None = None,
    ) -> "TextIndex":
        """The index of a folder; what is None is as it was."""
        listing = listings.read(folder)
        made = listing.made
        named = Model(model or made.model, lang or made.lang)
        listings.check_made(folder, made, named.made(passage_words or made.passage_words))
        return cls(folder, listing, named)

    def __len__(self) -> int:
        """Return how many documents there are."""
        return sum(len(each.documents()) for each in self._listing.volumes)

    @property
    def passages(self) -> int:
        """How many passages there are."""
        return int(self._alive.sum())

    @property
    def columns(self) -> list[str]:
        """The columns that came with the texts."""
        return list(dict.fromkeys(name for each in self._listing.volumes for name in each.columns))

    def add(
        self, texts: Iterable[str], ids: Iterable[str],
        values: Iterable[Mapping[str, Any]] | None = None,
    ) -> Changes:  # fmt: skip
        """Add texts by their ids; one whose id is there already takes the other's place.

        values: of each text, what goes along with it by the names of columns.

        Raises ShapeError where there are more of one than of the others, RangeError where an id
        comes twice or another process writes to the folder, DtypeError where a text or an id is
        no string, and MissingPackageError without the extra `search`.
        """
        given, named = list(texts), list(ids)
        others = [{} for _ in given] if values is None else list(map(dict, values))
        if not len(given) == len(named) == len(others):
            raise ShapeError(
                f"TextIndex.add: expected an id, and values if any, for each text, got "
                f"{len(given)} texts, {len(named)} ids and {len(others)} values"
            )
        for each in (*given, *named):
            if not isinstance(each, str):
                raise DtypeError(
                    f"TextIndex.add: expected texts and ids as str, got {type(each).__name__}; "
                    "convert it"
                )
        rows = [Row(*each) for each in zip(named, given, others, strict=True)]
        types = Types()
        for row in rows:
            types.see(row)
        with held(self.path):
            return self._added(rows, rows, types, "")

    def add_files(
        self, texts: str | Path | Sequence[str | Path], *, field: str | None = None,
        id: str | None = None, format: str | None = None, strict: bool = False,  # noqa: A002
    ) -> Changes:  # fmt: skip
        """Add the documents of files; one whose id is there already takes the other's place.

        A document whose text and columns are the same is left alone. The files are read as
        `run` reads them, with the same arguments, and all columns but that of the texts are
        kept. What a call that was killed has finished is not done again by the same call.

        Raises FileError where a file cannot be read, and what `add` raises.
        """
        given = [texts] if isinstance(texts, (str, Path)) else texts
        reading = Reading(field, id, strict)
        found = files.inputs_of(given, self.path, format)
        with held(self.path), files.copied(found, self.path) as read:
            seen = SeenRows(read, reading)
            rows = (row for row in rows_of(read, reading) if row is not None)
            return self._added(seen, rows, seen.types, id or ID)

    def remove(self, ids: Iterable[str]) -> None:
        """Remove documents; RangeError, and nothing is removed, where one is not there."""
        if isinstance(ids, str):
            raise DtypeError("TextIndex.remove: expected a list of ids, got one str; give [id]")
        with held(self.path):
            self._take(updates.remove(self.path, self._now(), list(ids)))

    @overload
    def search(
        self, texts: str, k: int = ..., *, only: Only | None = ...,
        where: Mapping[str, Any] | None = ...,
    ) -> list[Hit]: ...  # fmt: skip

    @overload
    def search(
        self, texts: list[str], k: int = ..., *, only: Only | None = ...,
        where: Mapping[str, Any] | None = ...,
    ) -> list[list[Hit]]: ...  # fmt: skip

    def search(
        self, texts: str | list[str], k: int = 10, *, only: Only | None = None,
        where: Mapping[str, Any] | None = None,
    ) -> list[Hit] | list[list[Hit]]:  # fmt: skip
        """Return the k best documents for a question, by their best passages; a list for several.

        score = w cos(q, p) + (1 - w) share(q, p), as `fusion.fused` and `Words.shares` say

        Args:
            texts: a question, or a list of them.
            k: documents for each, at most.
            only: "vectors" or "words", to rank by one of the two alone.
            where: values that a document must have, by the names of columns.

        Raises RangeError where k, only or a column is not as expected, and WeightsError where a
        file is damaged.
        """
        k = checks.at_least("TextIndex.search", "k", k, 1)
        checks.one_of("TextIndex.search", "only", only, (None, *ONLY))
        wanted = self._wanted(where or {})
        questions = [texts] if isinstance(texts, str) else list(texts)
        found = [self._found(each, k, only, wanted) for each in questions]
        return found[0] if isinstance(texts, str) else found

    def why(self, question: str, hit: Hit) -> Why:
        """Return the reasons for a hit: the sentence that answers best, the words that matched."""
        return why(self._model.doc(question), self._model.doc(hit.text), hit, self._words)

    def _found(self, question: str, k: int, only: Only | None, wanted: Any) -> list[Hit]:
        cosines = self._cosines(question)
        shares = self._words.shares(self._model.words(question), len(cosines))
        scores = np.where(wanted, fused(cosines, shares, only), -np.inf)
        if only == "words":
            scores[shares <= 0] = -np.inf
        hits: dict[str, Hit] = {}
        most = 4 * k
        while True:  # several passages of one document may be in front of those of others
            places = best(scores, most)
            for place in places:
                volume, row = self._place(place)
                id_ = volume.table[ID][row].as_py()
                if id_ not in hits:
                    hits[id_] = _hit(volume, row, scores[place], cosines[place], shares[place])
                if len(hits) == k:
                    return list(hits.values())
            if len(places) < most:
                return list(hits.values())
            most *= 4

    def _cosines(self, question: str) -> Floats:
        vector = self._model.question(question)
        some = [each.vectors @ vector for each in self._listing.volumes]
        return np.concatenate([np.zeros(0, np.float32), *some])

    def _place(self, place: int) -> tuple[Volume, int]:
        number = int(np.searchsorted(self._begins, place, side="right")) - 1
        return self._listing.volumes[number], place - int(self._begins[number])

    def _wanted(self, where: Mapping[str, Any]) -> Any:
        unknown = [name for name in where if name not in self.columns]
        if unknown:
            raise RangeError(
                f"search: expected one of the columns {listed(self.columns)}, got "
                f"{unknown[0]!r:.60}"
            )
        if not where:
            return self._alive
        some = [each.where(where) for each in self._listing.volumes]
        return self._alive & np.concatenate([np.zeros(0, bool), *some])

    @cached_property
    def _words(self) -> Words:
        if self._listing.words is None:
            return Words(
                [], np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32), 0
            )
        return read_scores(self.path, self._listing)

    def _added(
        self, seen: Iterable[Row], rows: Iterable[Row], types: Types, of_ids: str
    ) -> Changes:
        """Read the documents once for their ids, digests and types, and once for their texts."""
        wanted: dict[str, str] = {}
        for row in seen:
            if row.id in wanted:
                raise RangeError(
                    f"{self.path}: expected each id once, got {row.id!r:.60} twice; name another "
                    "column of ids with --id, or mend them; nothing was added"
                )
            wanted[row.id] = updates.digest_of(row)
        kept = types.kept(OWN, of_ids)
        plain = (row._replace(text=_plain(row.text)) for row in rows)
        listing, changes = updates.add(self.path, self._now(), self._model, plain, wanted, kept)
        self._take(listing)
        return changes

    def _now(self) -> Listing:
        """The listing as it is now, by whoever changed it; RangeError where it is another index."""
        found = listings.read(self.path)
        listings.check_made(self.path, found.made, self._listing.made)
        return found

    def _take(self, listing: Listing) -> None:
        self._listing = listing
        self.__dict__.pop("_words", None)
        self._begins = np.cumsum([0, *(each.rows for each in listing.volumes)])
        self._alive = np.concatenate(
            [np.zeros(0, dtype=bool), *(each.alive for each in listing.volumes)]
        )


def _hit(volume: Volume, row: int, score: Any, cosine: Any, share: Any) -> Hit:
    of = {name: volume.table[name][row].as_py() for name in OF_HITS}
    values = {name: volume.table[named][row].as_py() for name, named in volume.columns.items()}
    return Hit(score=float(score), cosine=float(cosine), share=float(share), values=values, **of)


def _plain(text: str) -> str:
    """The text with a question mark for each lone surrogate, which no file can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
