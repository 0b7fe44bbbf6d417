"""The sentences that en_small is taught: free sets only, and nothing it is judged on."""

import gzip
import importlib.util
import random
from pathlib import Path

import pytest

PATH = Path(__file__).parent.parent / "examples" / "en_small" / "sentences.py"
JUDGED_ON = "A sentence that is judged on."


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("sentences", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def written(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(lines) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


@pytest.fixture
def data(script, tmp_path):
    """Every file that is read, each with a sentence of its own and one that is judged on."""
    for name, columns in script.TABLES.items():
        rows = ["\t".join([*columns, "label"])]
        rows += ["\t".join([text] * len(columns) + ["1"]) for text in (f"Of {name}.", JUDGED_ON)]
        written(tmp_path / name, rows)
    for name in script.JUDGED:
        if not (tmp_path / name).exists():
            written(tmp_path / name, ["sentence1\tscore", f"{JUDGED_ON.upper()}\t5"])
    ewt = ["# sent_id = 1", "# text = Of the treebank.", "1\tOf\tof", "", f"# text = {JUDGED_ON}"]
    written(tmp_path / "pos" / "en_ewt-ud-train.conllu.gz", ewt)
    rewrite = "The first half of it . And then the second ."
    written(tmp_path / "pairs" / "wikisplit.tsv.gz", ["split_paraphrase", rewrite])
    for name in ("wiki_en", "books_en"):
        lines = [f"The {name} says {i} of its things." for i in range(9)]
        written(tmp_path / "raw" / f"{name}.txt.gz", [*lines, "", JUDGED_ON, "short"])
    return tmp_path


def test_every_free_set_is_in_and_nothing_that_is_judged_on(script, data, capsys):
    script.main(data, data / "out.txt")
    lines = (data / "out.txt").read_text().splitlines()
    assert len(lines) == len(set(lines)) == len(script.TABLES) + 1 + 2 + 9 + 9
    assert JUDGED_ON not in lines
    assert {"Of the treebank.", "And then the second ."} <= set(lines)
    assert {f"Of {name}." for name in script.TABLES} <= set(lines)
    assert "short" not in lines
    assert f"{len(lines)} + 0 sentences" in capsys.readouterr().out


def test_the_order_is_a_shuffle_and_always_the_same(script, data):
    for name in ("one.txt", "two.txt"):
        script.main(data, data / name)
    assert (data / "one.txt").read_text() == (data / "two.txt").read_text()


def test_fragments_are_clauses(script):
    found = list(script.fragments(["He came, and the old house fell down; so."], random.Random(0)))
    assert found == ["the old house fell down"]
    assert not list(script.fragments(["Too short."], random.Random(0)))


def test_sets_that_are_judged_on_are_not_read_for_texts(script):
    assert not set(script.TABLES) & set(script.JUDGED)
