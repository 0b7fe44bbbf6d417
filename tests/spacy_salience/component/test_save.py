"""spacy_salience.save: the pipeline is there, or the one before is; and nobody's files are lost."""

import os
import stat

import numpy as np
import pytest
import spacy

import spacy_salience
from salience import exchange
from salience.errors import WeightsError

from ...killed import killed
from ..models.test_network import network_pipeline


@pytest.fixture(params=["frozen", "learning"])
def made(request, nlp, model_file):
    made = nlp if request.param == "frozen" else network_pipeline(model_file, "file")
    made.add_pipe("sentencizer")  # it saves a file and no folder
    return made


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_it_is_what_to_disk_writes(made, tmp_path):
    made.to_disk(tmp_path / "spacy")
    for path in (tmp_path / "ours", str(tmp_path / "ours") + "/"):
        spacy_salience.save(made, path)
        assert contents(tmp_path / "ours") == contents(tmp_path / "spacy")
    spacy_salience.save(made, tmp_path / "spacy")
    assert sorted(os.listdir(tmp_path)) == ["ours", "spacy"]
    loaded = spacy.load(tmp_path / "ours")
    np.testing.assert_array_equal(loaded("the cat").tensor, made("the cat").tensor)


def test_an_empty_folder_is_one_to_save_to(nlp, tmp_path):
    spacy_salience.save(nlp, tmp_path)
    spacy.load(tmp_path)


def test_other_components_than_before(nlp, tmp_path):
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("entity_ruler", name="rules")
    spacy_salience.save(nlp, tmp_path / "p")
    nlp.disable_pipe("rules")
    spacy_salience.save(nlp, tmp_path / "p")
    nlp.remove_pipe("rules")
    spacy_salience.save(nlp, tmp_path / "p")
    assert "rules" not in os.listdir(tmp_path / "p")


def test_what_is_excluded_is_not_there(nlp, tmp_path):
    spacy_salience.save(nlp, tmp_path / "p")
    spacy_salience.save(nlp, tmp_path / "p", exclude=(name for name in ["vocab"]))
    assert "vocab" not in os.listdir(tmp_path / "p")
    spacy.load(tmp_path / "p")


def a_file(path):
    path.write_text("dear diary")


def a_link(path):
    (path.parent / "elsewhere").mkdir()
    path.symlink_to(path.parent / "elsewhere")


def a_folder(name):
    def make(path):
        (path / name).parent.mkdir(parents=True)
        (path / name).write_text("{}")

    return make


PLACES = {
    "a file": (a_file, "something that is no folder"),
    "a link": (a_link, "a link; give the folder that it leads to"),
    "a link to nothing": (lambda path: path.symlink_to("nothing"), "a link"),
    "a diary": (a_folder("diary.txt"), r"diary\.txt, which would be lost"),
    "a part": (a_folder("meta.json"), r"meta\.json, which would be lost"),
    "a repository": (a_folder(".git/config"), r"\.git, which would be lost"),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_is_no_pipeline_stays(nlp, tmp_path, place):
    make, text = PLACES[place]
    make(tmp_path / "p")
    before = contents(tmp_path)
    with pytest.raises(WeightsError, match=f"^save: expected a new or empty folder.*{text}"):
        spacy_salience.save(nlp, tmp_path / "p")
    assert contents(tmp_path) == before
    assert (tmp_path / "p").is_symlink() == ("link" in place)


@pytest.mark.parametrize("name", ["diary.txt", ".git", "salience.bak", "tokenizer.json"])
def test_a_pipeline_with_other_files_stays(nlp, tmp_path, name):
    nlp.to_disk(tmp_path / "p")
    (tmp_path / "p" / name).write_text("dear diary")
    before = contents(tmp_path)
    with pytest.raises(WeightsError, match=f"found {name}, which would be lost"):
        spacy_salience.save(nlp, tmp_path / "p")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("meta", ["", "[]", "{}", "\0", '{"pipeline": 5}', '{"components": null}'])
def test_a_pipeline_that_cannot_be_read_stays(nlp, tmp_path, meta):
    nlp.to_disk(tmp_path / "p")
    (tmp_path / "p" / "meta.json").write_text(meta)
    with pytest.raises(WeightsError, match=r"found a meta\.json that cannot be read"):
        spacy_salience.save(nlp, tmp_path / "p")


def test_no_folder_to_make_it_in(nlp, tmp_path):
    with pytest.raises(WeightsError, match=r"found no folder .*new to make it in"):
        spacy_salience.save(nlp, tmp_path / "new" / "p")
    assert not os.listdir(tmp_path)


def test_the_folder_that_a_process_works_in(nlp, tmp_path, monkeypatch):
    nlp.to_disk(tmp_path / "p")
    for inside in (tmp_path / "p", tmp_path / "p" / "vocab"):
        monkeypatch.chdir(inside)
        for path in (tmp_path / "p", os.path.relpath(tmp_path / "p")):
            with pytest.raises(WeightsError, match="the folder that this process works in"):
                spacy_salience.save(nlp, path)


def test_what_comes_meanwhile_is_not_lost(nlp, tmp_path, monkeypatch):
    def slow(folder, exclude):
        (tmp_path / "p").mkdir()
        (tmp_path / "p" / "diary.txt").write_text("dear diary")

    monkeypatch.setattr(nlp, "to_disk", slow)
    with pytest.raises(WeightsError, match="diary"):
        spacy_salience.save(nlp, tmp_path / "p")
    assert contents(tmp_path) == {"p/diary.txt": b"dear diary"}


def test_a_component_that_fails_leaves_the_old_one(nlp, tmp_path, monkeypatch):
    spacy_salience.save(nlp, tmp_path / "p")
    before = contents(tmp_path)

    def fails(*args, **named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(nlp.get_pipe("salience"), "to_disk", fails)
    with pytest.raises(OSError, match="No space left"):
        spacy_salience.save(nlp, tmp_path / "p")
    assert contents(tmp_path) == before


def test_a_folder_keeps_its_permissions(nlp, tmp_path):
    spacy_salience.save(nlp, tmp_path / "p")
    (tmp_path / "p").chmod(0o710)
    spacy_salience.save(nlp, tmp_path / "p")
    assert stat.S_IMODE((tmp_path / "p").stat().st_mode) == 0o710


KILL = """
import shutil, sys
import spacy, spacy_salience
path, name, count = sys.argv[1:]
nlp = spacy.load(path)
nlp.meta["description"] = "new"
if name == "component":
    nlp.get_pipe("salience").to_disk = lambda *_, **__: os._exit(9)
else:
    dies(shutil if name == "rmtree" else os, name, int(count))
spacy_salience.save(nlp, path)
"""


@pytest.mark.parametrize(
    ("name", "count", "want"),
    [("component", 0, ""), ("replace", 1, ""), ("fsync", 9, ""), ("rmtree", 1, "new")],
)
def test_a_process_that_is_killed(nlp, tmp_path, name, count, want):
    nlp.to_disk(tmp_path / "p")
    assert killed(KILL, tmp_path / "p", name, count)
    assert spacy.load(tmp_path / "p").meta["description"] == want
    spacy_salience.save(nlp, tmp_path / "p")
    assert os.listdir(tmp_path) == ["p"]


def test_where_the_disk_cannot_exchange(nlp, tmp_path, monkeypatch):
    monkeypatch.setattr(exchange, "_exchanged", lambda *_: False)
    for _ in range(2):
        spacy_salience.save(nlp, tmp_path / "p")
    assert os.listdir(tmp_path) == ["p"]
    os.rename(tmp_path / "p", tmp_path / f".p.{'0' * 16}.old")  # killed between two names
    monkeypatch.setattr(nlp, "to_disk", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        spacy_salience.save(nlp, tmp_path / "p")
    spacy.load(tmp_path / "p")
