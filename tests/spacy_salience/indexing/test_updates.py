"""Documents are added, replaced and removed; nobody sees half of it."""

import shutil

import pytest

from salience.errors import RangeError
from spacy_salience import TextIndex
from spacy_salience.indexing import updates

from .conftest import TEXTS, ids


def hits(index, question="a cold cat"):
    """What is found, without the last bits of scores."""
    return [(each.id, each.text, round(each.score, 5)) for each in index.search(question)]


def test_what_is_open_stays_as_it_is_until_it_is_opened_anew(index):
    reader = TextIndex.open(index.path)
    index.add(["A cold cat."], ["new"])
    assert "new" not in ids(reader.search("a cold cat"))
    assert ids(TextIndex.open(index.path).search("a cold cat", k=1)) == ["new"]


def test_the_order_of_adding_does_not_matter_for_scores(made):
    several = made("several", {})
    for id_, text in TEXTS.items():
        several.add([text], [id_])
    assert sorted(hits(several)) == sorted(hits(made("one")))
    assert len(list(several.path.glob("volume-*"))) == 3


def test_an_id_that_is_there_already_is_replaced(index):
    changes = index.add(["Quarterly earnings.", TEXTS["cats"]], ["weather", "cats"],
                        [{}, {"year": 1950, "kind": "pets"}])  # fmt: skip
    assert changes == (0, 1, 1)
    assert len(index) == 3
    assert {each.id: each.text for each in index.search("cold")}["weather"] == "Quarterly earnings."


def test_what_is_removed_is_not_found_and_counts_no_more(made):
    index = made()
    index.remove(["weather"])
    rest = {id_: text for id_, text in TEXTS.items() if id_ != "weather"}
    assert hits(index) == hits(made("rest", rest))
    assert hits(TextIndex.open(index.path)) == hits(index)
    index.add([TEXTS["weather"]], ["weather"])
    assert sorted(hits(index)) == sorted(hits(made("all")))


def test_all_can_be_removed(index):
    index.remove(TEXTS)
    assert (len(index), index.search("cold")) == (0, [])
    index.add(["A cold cat."], ["new"])
    index.add(["A dog."], ["dog"])
    assert not [each for each in index.path.glob("volume-*") if each.name not in
                index._listing.folders]  # fmt: skip


def test_an_unknown_id_removes_nothing(index):
    with pytest.raises(RangeError, match="got 'dogs', which is none; nothing was removed"):
        index.remove(["cats", "dogs"])
    assert len(index) == 3


def test_a_build_that_was_killed_goes_on(made, monkeypatch):
    index = made(texts={})
    monkeypatch.setattr(updates, "IN_VOLUME", 1)
    written, write_folder = [], updates.write_folder

    def killed(folder, write):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(folder.name)
        return write_folder(folder, write)

    monkeypatch.setattr(updates, "write_folder", killed)
    with pytest.raises(KeyboardInterrupt):
        index.add(TEXTS.values(), TEXTS.keys())
    assert len(TextIndex.open(index.path)) == 0
    shutil.rmtree(index.path / written[0])
    (index.path / written[0]).mkdir()  # one that is not whole
    before, written[:] = list(written), []
    monkeypatch.setattr(updates, "write_folder", lambda *args: write_folder(
        written.append(args[0].name) or args[0], args[1]))  # fmt: skip
    assert index.add(TEXTS.values(), TEXTS.keys()) == (3, 0, 0)
    assert before[0] in written
    assert before[1] not in written
    assert hits(index) == hits(made("other"))


def test_another_process_is_kept_out(index):
    from spacy_salience.runs.folder import held

    with held(index.path), pytest.raises(RangeError, match="no other run writes to"):
        index.add(["a"], ["a"])
