"""`salience finetune`: from a saved model and pairs of texts to a better one."""

import re

import pytest
import spacy

from salience.errors import LanguageWarning
from salience.model import pretrained
from salience.model.parameters import in_format_2
from salience.model.weights import MODEL_FILE, save
from salience.testing import random_weights
from spacy_salience.learning.data_sets import read_data_sets

from ..conftest import WORDS
from .conftest import refused, written

SCORED = "sentence1\tsentence2\tscore\nthe cat\tthe dog\t5\nthe mat\twarm\t0\ncold\ton\t2\n"
LABELLED = "premise\thypothesis\tlabel\nthe cat\tthe dog\tentailment\nthe mat\twarm\tneutral\n"
SORTED = "text\tlabel\nthe cat sat\tanimal\nthe mat\tthing\nthe dog\tanimal\n"
TAGGED = "the\tDET\ncat\tNOUN\nsat\tVERB\n\non\tADP\nthe\tDET\nmat\tNOUN\n"
UNIVERSAL = (
    "# text = the cat\n1\tthe\t_\tDET\t_\t_\t_\t_\t_\t_\n2\tcat\t_\tNOUN\t_\t_\t_\t_\t_\t_\n"
)
ANSWERS = "question\tsentence\nwhere is the cat\tthe cat sat on the mat\n"


@pytest.mark.parametrize("content", [SCORED, LABELLED, ANSWERS], ids=["scores", "labels", "none"])
def test_makes_another_model(command, model_file, tmp_path, content):
    pairs, out = written(tmp_path / "p.tsv", content * 1), tmp_path / "out"
    output = command("finetune", pairs, "--model", model_file, "--out", out)
    model = pretrained.load(str(out / MODEL_FILE))
    assert model.digest() in output
    assert "of step 3" in output
    assert set(model.tensors) >= set(in_format_2(pretrained.load(str(model_file))).tensors)


def test_pairs_with_scores_come_to_agree_with_them(command, model_file, tmp_path):
    pairs, out = written(tmp_path / "p.tsv", SCORED), tmp_path / "out"
    dev = f"sts={pairs}"
    options = ("--epochs", 60, "--rate", 0.02, "--dev", dev, "--every", 10)
    output = command("finetune", pairs, "--model", model_file, "--out", out, *options)
    assert "1.0000" in output.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tsv", SORTED), ("a.csv", SORTED.replace("\t", ",")), ("a.tsv.gz", SORTED),
        ("a.tsv", SORTED.replace("text\tlabel", "sentence\tcoarse")), ("a.conll", TAGGED),
        ("a.conllu", UNIVERSAL), ("a.conllu.gz", UNIVERSAL), ("a.conll", TAGGED.replace("\t", " ")),
    ],
)  # fmt: skip
def test_labels_are_learnt(command, model_file, tmp_path, name, content):
    labels, out = written(tmp_path / name, content), tmp_path / "out"
    options = ("--epochs", 2, "--table", "float32")
    command("finetune", labels, "--model", model_file, "--out", out, *options)
    before, after = (pretrained.load(str(path)) for path in (model_file, out / MODEL_FILE))
    assert (before.tensors["table"] != after.tensors["table"]).any()
    assert set(after.tensors) == set(in_format_2(before).tensors)


def test_a_word_that_shows_nothing_is_left_out_with_its_label(command, model_file, tmp_path):
    """Its label would else go to the word after it."""
    digests = []
    for name, content in (("a", TAGGED), ("b", TAGGED.replace("cat", "\u200b\tSPACE\ncat"))):
        labels, out = written(tmp_path / f"{name}.conll", content), tmp_path / name
        data = read_data_sets(spacy.blank("en"), [labels])
        digests.append([data.corpus.tokens.tolist(), data.labelled[0].labels.tolist()])
        command("finetune", labels, "--model", model_file, "--out", out)
    assert digests[0][0] == digests[1][0]
    assert len(digests[1][1]) == 6


@pytest.mark.parametrize("learns", ["all", "blocks", "table"])
def test_only_what_is_asked_for_learns(command, model_file, tmp_path, learns):
    labels, out = written(tmp_path / "a.conll", TAGGED), tmp_path / "out"
    options = ("--epochs", 2, "--table", "float32", "--learns", learns)
    command("finetune", labels, "--model", model_file, "--out", out, *options)
    before, after = (
        in_format_2(pretrained.load(str(path))).tensors for path in (model_file, out / MODEL_FILE)
    )
    changed = {name for name in after if (after[name] != before[name]).any()}
    assert ("table" in changed) == (learns != "blocks")
    assert bool(changed - {"table", "word_weights"}) == (learns != "table")


def test_several_files_are_learnt_from_together(command, model_file, tmp_path):
    files = [
        written(tmp_path / name, content)
        for name, content in (
            ("a.tsv", SCORED),
            ("b.tsv.gz", LABELLED),
            ("c.tsv", ANSWERS),
            ("d.tsv", SORTED),
            ("e.conll", TAGGED),
        )
    ]
    command("finetune", *files, "--model", model_file, "--out", tmp_path / "out")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\tb\n", "expected a column sentence1 or premise or question in the first line, got a"),
        (SCORED + "x\ty\tz\n", "line 5: expected a finite number"),
        (SCORED.replace("\t0\n", "\t5\n").replace("\t2\n", "\t5\n"), "two scores that differ"),
        (LABELLED.replace("entailment", "neutral"), "expected at least one pair, got none"),
        (SORTED.replace("thing", "animal"), "expected at least two labels, got 1; add"),
        (SORTED + "the\t\n", "line 5: expected something in 'label', got an empty field"),
        (LABELLED.replace("entailment", "maybe"), "line 2: expected a label that is positive"),
    ],
)
def test_refuses_a_bad_file(model_file, tmp_path, content, message):
    pairs = written(tmp_path / "p.tsv", content)
    refused(message, "finetune", pairs, "--model", model_file, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "expected at least two labels, got 0"),
        (TAGGED.replace("VERB", ""), "line 3: expected a word and its label"),
        ("the\tDET\na\tDET\n", "expected at least two labels, got 1"),
    ],
)
def test_refuses_bad_labels_of_words(model_file, tmp_path, content, message):
    labels = written(tmp_path / "a.conll", content)
    refused(message, "finetune", labels, "--model", model_file, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_takes_a_pipelines_folder_for_a_model(command, nlp, model_file, tmp_path):
    nlp.to_disk(tmp_path / "pipe")
    pairs = written(tmp_path / "p.tsv", SCORED)
    digests = []
    for number, model in enumerate((tmp_path / "pipe", model_file)):
        out = tmp_path / str(number)
        command("finetune", pairs, "--model", model, "--out", out, "--table", "float32")
        digests.append(pretrained.load(str(out / MODEL_FILE)).digest())
    assert digests[0] == digests[1]


def test_the_language_is_that_of_the_model_or_the_one_given(command, nlp, tmp_path):
    pairs, weights = written(tmp_path / "p.tsv", SCORED), random_weights(WORDS)
    german = spacy.blank("de")
    old, new = tmp_path / "old.safetensors", tmp_path / "new.safetensors"
    save(weights, old)
    save(weights.made_for("fr"), new)
    german.add_pipe("salience", config={"model": {"pretrained": str(old)}})
    german.to_disk(tmp_path / "pipe")

    def language(model, *options):
        out = tmp_path / "-".join(["out", model.stem, *options])
        command("finetune", pairs, "--model", model, "--out", out, "--epochs", 1, *options)
        return pretrained.load(str(out / MODEL_FILE)).language

    assert language(old) == "en"
    assert language(new) == "fr"
    assert language(tmp_path / "pipe") == "de"
    assert language(old, "--lang", "it") == "it"
    with pytest.warns(LanguageWarning, match="finetune: expected texts read as 'fr'.* got 'it'"):
        assert language(new, "--lang", "it") == "it"
    refused("such as en, got 'qq'", "finetune", pairs, "--out", tmp_path / "x", "--lang", "qq")
    assert not (tmp_path / "x").exists()


def test_one_step_is_a_step(command, model_file, tmp_path):
    pairs, out = written(tmp_path / "p.tsv", SCORED), tmp_path / "out"
    options = ("--epochs", 1, "--table", "float32")
    command("finetune", pairs, "--model", model_file, "--out", out, *options)
    before, after = (pretrained.load(str(path)) for path in (model_file, out / MODEL_FILE))
    assert (before.tensors["table"] != after.tensors["table"]).any()


def test_what_was_better_before_is_kept(command, model_file, tmp_path):
    pairs, out = written(tmp_path / "p.tsv", SCORED), tmp_path / "out"
    flipped = SCORED.replace("\t5\n", "\t0\n").replace("warm\t0", "warm\t5")
    dev = f"sts={written(tmp_path / 'dev.tsv', flipped)}"
    options = ("--epochs", 60, "--rate", 0.02, "--dev", dev)
    lines = command("finetune", pairs, "--model", model_file, "--out", out, *options).splitlines()
    best = max(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("step"))
    assert f"{dev} {best:.4f}" in lines[-1]


def test_refuses_an_unknown_model(tmp_path):
    pairs = written(tmp_path / "p.tsv", SCORED)
    refused(
        "expected an embedded model", "finetune", pairs, "--model", "x", "--out", tmp_path / "o"
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plan.json", b"[]"), ("plan.json", b"\xff\0"), ("checkpoint.safetensors", b"junk"),
        ("checkpoint.safetensors", None),
    ],
)  # fmt: skip
def test_a_damaged_or_foreign_file_is_named(command, model_file, tmp_path, name, content):
    pairs, out = written(tmp_path / "p.tsv", SCORED), tmp_path / "out"
    given = ("finetune", pairs, "--model", model_file, "--out", out)
    command(*given)
    (out / name).write_bytes(model_file.read_bytes() if content is None else content)
    refused(f"{re.escape(name)}: expected", *given)
