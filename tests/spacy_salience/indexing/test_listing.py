"""What is damaged, cut, foreign or of another model is refused by name."""

import json

import pytest

from salience.errors import RangeError, WeightsError
from salience.model.weights import save
from salience.testing import random_weights
from spacy_salience import TextIndex


def found_in(path):
    return TextIndex.open(path).search("cold")


FILES = ("vectors.npy", "passages.arrow", "starts.npy", "rows.npy", "scores.npy",
         "vocabulary.arrow")  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_refused(index, name):
    (path,) = index.path.glob(f"*/{name}")
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=f"{name}: expected the file that was written"):
        found_in(index.path)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_was_cut_or_is_missing_is_refused(index, name):
    (path,) = index.path.glob(f"*/{name}")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(WeightsError, match=f"{name}: expected .* bytes, got"):
        found_in(index.path)
    path.unlink()
    with pytest.raises(WeightsError, match=f"{name}: expected a file of the index, found none"):
        found_in(index.path)


def test_a_listing_that_was_changed_is_refused(index):
    path = index.path / "index.json"
    path.write_text(path.read_text().replace('"rows": 7', '"rows": 6'))
    with pytest.raises(WeightsError, match=r"index\.json: .* another SHA-256"):
        found_in(index.path)


@pytest.mark.parametrize(
    ("content", "message"),
    [("cats", "expected JSON"), ("[1]", "expected JSON"), ("{}", "of format 1, got None")],
)
def test_a_foreign_listing_is_refused(tmp_path, content, message):
    (tmp_path / "index.json").write_text(content)
    with pytest.raises(WeightsError, match=message):
        found_in(tmp_path)


def test_a_listing_cannot_lead_out_of_its_folder(index):
    from spacy_salience.indexing import listing

    path = index.path / "index.json"
    said = json.loads(path.read_text())
    del said["sha256"]
    said["volumes"][0]["name"] = "../volume-0000000000000000"
    path.write_text(json.dumps({**said, "sha256": listing._digest(said)}))
    with pytest.raises(WeightsError, match="a folder of another name"):
        found_in(index.path)


def test_a_folder_without_an_index_is_refused(tmp_path):
    with pytest.raises(WeightsError, match=r"found no index\.json in it"):
        found_in(tmp_path)
    (tmp_path / "cats.txt").write_text("cats")
    with pytest.raises(RangeError, match=r"or one with an index, found 'cats\.txt'"):
        TextIndex.create(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["cats.txt"]


def test_another_model_or_setting_is_refused(index, tmp_path):
    other = tmp_path / "other.safetensors"
    save(random_weights("cat dog".split(), seed=5), other)
    with pytest.raises(RangeError, match=r"digest was '.*', is now '.*"):
        TextIndex.open(index.path, model=str(other))
    with pytest.raises(RangeError, match="passage_words was 6, is now 120"):
        TextIndex.create(index.path, passage_words=120)
    with pytest.raises(RangeError, match="lang was 'en', is now 'de'"):
        TextIndex.create(index.path, lang="de")


def test_what_is_not_said_is_as_the_index_has_it(index):
    assert len(TextIndex.create(index.path)) == 3


def test_the_same_model_may_be_elsewhere(index, tmp_path, model_file):
    moved = tmp_path / "moved.safetensors"
    moved.write_bytes(model_file.read_bytes())
    assert TextIndex.open(index.path, model=str(moved)).search("cold") == index.search("cold")


def test_no_file_is_a_pickle(index):
    names = {each.suffix for each in index.path.rglob("*") if each.is_file()}
    assert names == {".json", ".npy", ".arrow"}
    assert all(b"pickle" not in each.read_bytes() for each in index.path.rglob("*.npy"))
