"""`salience distil`: from texts and a teacher to a model, and on from where it was stopped."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from salience.errors import LanguageWarning
from salience.model import pretrained
from salience.model.weights import MODEL_FILE
from salience.training.loop import CHECKPOINT
from salience.training.objectives import directions

from .conftest import refused, written

LINES = ["the cat sat on the mat", "the dog was warm", "a cat and a dog", "warm is the mat"]
TAB, NL = "\t\n"
TEXT = "\n".join(LINES) + "\n\n"
TEACHER = f"{__name__}:toy_teacher"
SIZES = (
    "--words", 9, "--buckets", 7, "--width", 4, "--states", 4, "--heads", 2, "--rank", 2,
    "--batch", 2,
)  # fmt: skip


def toy_teacher(texts):
    """Letters counted: texts that share letters are alike."""
    return np.array([[text.count(letter) + 0.1 for letter in "abcdefghij"] for text in texts])


def teacher_of_characters(texts):
    """Characters counted, by the last digit of their codes."""
    return np.array([[sum(ord(c) % 10 == n for c in t) + 0.1 for n in range(10)] for t in texts])


@pytest.fixture
def text(tmp_path):
    return written(tmp_path / "a.txt", TEXT)


def test_makes_a_model_that_show_can_use(command, text, tmp_path):
    pairs = written(tmp_path / "b.tsv.gz", "label\ttext\n1\tthe cat and the dog sat down\n")
    out = tmp_path / "toy"
    output = command("distil", text, pairs, "--teacher", TEACHER, "--out", out, *SIZES)
    model = pretrained.load(str(out / MODEL_FILE))
    words = bytes(model.tensors["words"]).decode().split("\n")
    assert model.digest() in output
    assert f"{out / MODEL_FILE}: of step 6, " in output  # five texts in two batches, three times
    assert words[0] == "the"  # the most frequent
    assert "label" not in words
    assert "vectors [22, 4]" in command("show", text, "--model", out / MODEL_FILE)


def test_a_matrix_is_as_good_as_its_teacher(command, text, tmp_path):
    matrix = tmp_path / "vectors.npy"
    np.save(matrix, directions(toy_teacher(LINES).astype(np.float32))[0].astype(np.float16))
    for out, teacher in (("asked", TEACHER), ("made before", matrix)):
        command(
            "distil", text, "--teacher", teacher, "--word-teacher", TEACHER,
            "--out", tmp_path / out, *SIZES,
        )  # fmt: skip
    asked, before = (tmp_path / out / MODEL_FILE for out in ("asked", "made before"))
    assert asked.read_bytes() == before.read_bytes()


def test_goes_on_from_a_saved_model(command, text, tmp_path):
    first, then = tmp_path / "first" / MODEL_FILE, tmp_path / "then" / MODEL_FILE
    command("distil", text, "--teacher", TEACHER, "--out", first.parent, *SIZES)
    other = written(tmp_path / "other.txt", "quite other words are here\nand some more of them\n")
    command(
        "distil", other, "--teacher", TEACHER, "--out", then.parent, "--model", first,
        "--batch", 2, "--words", 3, "--rate", 1e-4,
    )  # fmt: skip
    before, after = (pretrained.load(str(path)) for path in (first, then))
    assert bytes(after.tensors["words"]) == bytes(before.tensors["words"])
    np.testing.assert_allclose(
        *(each.tensors["blocks.0.decay"] for each in (after, before)), atol=0.01
    )
    assert after.digest() != before.digest()
    refused(
        "model differs", "distil", other, "--teacher", TEACHER, "--out", then.parent,
        "--model", "en_small", "--batch", 2, "--words", 3, "--rate", 1e-4,
    )  # fmt: skip


def test_without_a_teacher_of_words_the_texts_say_what_they_mean(command, text, tmp_path):
    np.save(tmp_path / "v.npy", toy_teacher(LINES))
    command("distil", text, "--teacher", tmp_path / "v.npy", "--out", tmp_path / "out", *SIZES)
    table = pretrained.load(str(tmp_path / "out" / MODEL_FILE)).tensors["table"]
    assert table.any(axis=1)[1:].all()


def test_learns_from_vectors_of_tokens_too(command, text, tmp_path):
    words = [word for line in LINES for word in line.split()]
    np.save(tmp_path / "tokens.npy", toy_teacher(words).astype(np.float16))
    arguments = ("distil", text, "--teacher", TEACHER, *SIZES)
    for out, more in (("without", ()), ("with", ("--token-vectors", tmp_path / "tokens.npy"))):
        command(*arguments, "--out", tmp_path / out, *more)
    without, with_tokens = (
        pretrained.load(str(tmp_path / o / MODEL_FILE)) for o in ("without", "with")
    )
    assert without.digest() != with_tokens.digest()


def test_blocks_and_a_document_space_are_added_to_a_model(command, text, tmp_path):
    made = ("--teacher", TEACHER, *SIZES)
    command("distil", text, *made, "--out", tmp_path / "one")
    more = ("--model", tmp_path / "one" / MODEL_FILE, "--blocks", 2, "--document-width", 3)
    command("distil", text, *made, *more, "--out", tmp_path / "two")
    settings = pretrained.load(str(tmp_path / "two" / MODEL_FILE)).settings
    assert len(settings["blocks"]) == 2
    assert settings["document_width"] == 3
    assert "vectors [22, 4]" in command("show", text, "--model", tmp_path / "two" / MODEL_FILE)
    wide = ("--document-width", 5, "--out", tmp_path / "three")
    refused("document_width must be .* got 5", "distil", text, *made, *more[:2], *wide)
    refused("document_width must be .* got 5", "distil", text, *made, *wide)
    assert not (tmp_path / "three").exists(), "refused before any work"
    command("distil", text, *made, *more, "--seed", 0, "--out", tmp_path / "two")
    refused("model differs", "distil", text, *made, *more, "--rank", 1, "--out", tmp_path / "two")


def test_dev_scores_choose_the_model(command, text, tmp_path):
    sts = written(
        tmp_path / "sts.tsv",
        "sentence1\tsentence2\tscore\nthe cat\ta cat\t5\nthe cat\twarm\t1\nmat\tdog\t0\n",
    )
    output = command(
        "distil", text, "--teacher", TEACHER, "--out", tmp_path / "out", *SIZES,
        "--dev", f"sts={sts}", "--every", 2,
    )  # fmt: skip
    assert f"sts={sts}" in output.splitlines()[-1]


@pytest.fixture
def chinese(command, tmp_path):
    """A Chinese model, its dev file, and what distil said."""
    sentences = ["港口结冰了。", "船都停在港里。", "冰封住了港口。", "今天天气很好。"]
    text = written(tmp_path / "zh.txt", "\n".join(sentences))
    pairs = [(a, b, len(set(a) & set(b))) for a in sentences for b in sentences if a < b]
    rows = "".join(f"{a}\t{b}\t{score}\n" for a, b, score in pairs)
    sts = f"sts={written(tmp_path / 'zh.tsv', f'sentence1{TAB}sentence2{TAB}score{NL}' + rows)}"
    out = tmp_path / "chinese"
    teacher = f"{__name__}:teacher_of_characters"
    said = command(
        "distil", text, "--teacher", teacher, "--out", out, *SIZES, "--words", 40,
        "--lang", "zh", "--dev", sts,
    )  # fmt: skip
    return out / MODEL_FILE, sts, said


def test_a_model_states_its_language(command, text, chinese, tmp_path):
    command("distil", text, "--teacher", TEACHER, "--out", tmp_path / "out", *SIZES)
    assert pretrained.load(str(tmp_path / "out" / MODEL_FILE)).language == "en"
    model, _, _ = chinese
    assert pretrained.load(str(model)).language == "zh"
    assert len(bytes(pretrained.load(str(model)).tensors["words"]).decode().split("\n")[0]) == 1


def test_a_dev_score_is_the_one_that_evaluate_prints(command, chinese):
    model, sts, said = chinese
    dev = re.search(r"zh\.tsv (-?\d\.\d{4})", said)[1]
    for options, same in (((), True), (("--lang", "zh"), True), (("--lang", "xx"), False)):
        printed = command("evaluate", sts, "--model", model, *options)
        *_, figure, score = printed.splitlines()[-1].split()
        assert figure == "Spearman"
        assert (score == dev) is same


def test_show_reads_a_text_in_the_models_language(command, chinese):
    model, _, _ = chinese
    text = written(model.parent.parent / "a.txt", "港口结冰了")
    assert "vectors [5, 4]" in command("show", text, "--model", model)
    assert "vectors [1, 4]" in command("show", text, "--model", model, "--lang", "xx")
    for given in (("--text", "港口 冰"), (text,)):
        message = "such as en, got 'qq'"
        refused(message, "show", *given, "--model", model, "--lang", "qq")
    with pytest.warns(LanguageWarning, match="expected texts read as 'zh'.*got 'de'"):
        command("show", text, "--model", model, "--lang", "de")


def test_texts_of_another_script_than_the_languages_are_warned_of(command, tmp_path):
    text = written(tmp_path / "zh.txt", "港口结冰了。\n船都停在港里。")
    with pytest.warns(LanguageWarning, match="in Latin letters, as 'en' is written.* in Han ones"):
        command(
            "distil", text, "--teacher", f"{__name__}:teacher_of_characters",
            "--out", tmp_path / "out", *SIZES,
        )  # fmt: skip


@pytest.mark.parametrize("table", ["int8", "float16", "float32"])
def test_the_table_may_be_stored_in_another_precision(command, text, tmp_path, table):
    out = tmp_path / "out"
    command("distil", text, "--teacher", TEACHER, "--out", out, *SIZES, "--table", table)
    assert pretrained.load(str(out / MODEL_FILE)).tensors["table"].dtype == table


@pytest.mark.parametrize(
    ("teacher", "message"),
    [
        ("nothing.here:teach", "cannot be imported"),
        ("math:nothing", "cannot be imported"),
        (":teach", "cannot be imported"),
        ("math:pi", "cannot be called"),
        ("/no/such/folder", "expected module:function, a sentence-transformers folder, or an"),
        ("/no/such/matrix.npy", r"expected a matrix in .*matrix\.npy, could not read it"),
    ],
)
def test_refuses_an_unknown_teacher(text, tmp_path, teacher, message):
    refused(message, "distil", text, "--teacher", teacher, "--out", tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_refuses_a_matrix_of_other_texts(text, tmp_path):
    np.save(tmp_path / "v.npy", toy_teacher(LINES[1:]))
    message = r"shape \[4, width\], one row for each of the texts', got \[3, 10\]"
    arguments = ("distil", text, "--teacher", tmp_path / "v.npy", "--out", tmp_path / "x", *SIZES)
    refused(message, *arguments)


def test_refuses_a_width_above_the_teachers(text, tmp_path):
    out = tmp_path / "x"
    arguments = ("distil", text, "--teacher", TEACHER, "--out", out, "--width", 12)
    refused("at least width 12, got 10", *arguments)
    assert not out.exists()


def test_refuses_to_go_on_with_other_settings(command, text, tmp_path):
    arguments = ("distil", text, "--teacher", TEACHER, "--out", tmp_path / "out", *SIZES)
    command(*arguments)
    before = (tmp_path / "out" / MODEL_FILE).read_bytes()
    refused("to go on with it; there, seed differs: repeat what", *arguments, "--seed", 1)
    assert (tmp_path / "out" / MODEL_FILE).read_bytes() == before


def test_refuses_a_text_that_is_none(tmp_path):
    text = written(tmp_path / "a.txt", b"caf\xe9")
    refused("UTF-8", "distil", text, "--teacher", TEACHER, "--out", tmp_path / "x", *SIZES)


def test_a_column_of_a_table_is_what_is_learnt_from(command, tmp_path):
    rows = "".join(f"the cat is not this\t{line}\n" for line in [*LINES, ""])
    table = written(tmp_path / "a.tsv", "no\tyes\n" + rows)
    out, arguments = tmp_path / "out", ("--teacher", TEACHER, *SIZES, "--field", "yes")
    output = command("distil", table, "--out", out, *arguments)
    assert output.splitlines()[-1] == "salience: skipped 1 row without a text"
    words = bytes(pretrained.load(str(out / MODEL_FILE)).tensors["words"]).decode().split("\n")
    assert "this" not in words
    refused("line 6: expected something in 'yes'", "distil", table, "--out", tmp_path / "x",
            *arguments, "--strict")  # fmt: skip
    refused("texts differs", "distil", table, "--out", out, "--teacher", TEACHER, *SIZES)


@pytest.mark.parametrize(("name", "message"), [("-", "got standard input"), ("a.pdf", "got .pdf")])
def test_refuses_what_cannot_be_read_before_it_begins(tmp_path, name, message):
    refused(message, "distil", name, "--teacher", TEACHER, "--out", tmp_path / "x")
    refused(message, "finetune", name, "--out", tmp_path / "x")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--states", 5), "states, half of which run backward, must be even, got 5"),
        (("--width", 5), "width must be a multiple of heads"),
        (("--lang", "qq"), "expected the code of a language that spaCy has, such as en, got 'qq'"),
        (("--dev", "keyphrases=keys.jsonl"), "tasks that document vectors are judged by"),
        (("--rate", 0), "the rate must be a number from"),
    ],
)
def test_what_was_refused_may_be_corrected(command, text, tmp_path, options, message):
    keys = '{"text": "the cat sat", "keys": ["cat"]}\n'
    written(tmp_path / "keys.jsonl", keys)
    options = [
        str(option).replace("keys.jsonl", str(tmp_path / "keys.jsonl")) for option in options
    ]
    arguments = ("distil", text, "--teacher", TEACHER, "--out", tmp_path / "x", *SIZES)
    refused(message, *arguments, *options)
    command(*arguments)


def test_a_folder_with_other_things_in_it_is_left_alone(text, tmp_path):
    other = written(tmp_path / "out.npy", "mine")
    arguments = ("distil", text, "--teacher", TEACHER, "--out", tmp_path, *SIZES)
    refused("expected a new or empty folder, or one of the same work, found other", *arguments)
    assert other.read_text() == "mine"


@pytest.mark.parametrize("value", [1e6, 1e-6])
def test_a_teacher_of_any_size_of_numbers_says_the_same(
    command, text, tmp_path, monkeypatch, value
):
    monkeypatch.setattr(f"{__name__}.SIZE", value)
    arguments = ("distil", text, *SIZES, "--word-teacher", TEACHER)
    for out, teacher in (("plain", "toy_teacher"), ("scaled", "scaled_teacher")):
        teacher = f"{__name__}:{teacher}"
        command(*arguments, "--teacher", teacher, "--out", tmp_path / out)
    tables = [
        pretrained.load(str(tmp_path / out / MODEL_FILE)).tensors["table"]
        for out in ("plain", "scaled")
    ]
    np.testing.assert_allclose(*tables, atol=1)


SIZE = 1.0


def scaled_teacher(texts):
    return SIZE * toy_teacher(texts)


def started(arguments, folder):
    """The command in a process of its own, after its first checkpoint."""
    paths = [str(Path(__file__).parents[3]), *sys.path]  # the code that this process runs
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    process = subprocess.Popen(
        [sys.executable, "-c", "from spacy_salience.cli import app; app()", *map(str, arguments)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not (folder / CHECKPOINT).exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


@pytest.mark.skipif(os.name == "nt", reason="signals as of POSIX")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_process_that_is_killed_loses_nothing(command, text, tmp_path, number):
    def arguments(out):
        more = ("--epochs", 400, "--every", 50)
        return ("distil", text, "--teacher", TEACHER, "--out", tmp_path / out, *SIZES, *more)

    command(*arguments("whole"))
    process = started(arguments("cut"), tmp_path / "cut")
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    if number == signal.SIGINT:
        assert process.returncode == 0
        assert "the same command goes on from there" in output or "of step 800" in output
    command(*arguments("cut"))
    whole, cut = (tmp_path / out / MODEL_FILE for out in ("whole", "cut"))
    assert whole.read_bytes() == cut.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("plan.json", b'{"texts": 5}', r"plan\.json: expected what the folder was begun with"),
        (CHECKPOINT, b"junk", r"checkpoint\.safetensors: expected a safetensors file"),
        (CHECKPOINT, None, r"checkpoint\.safetensors: expected a checkpoint of a training"),
        ("corpus/words.json", b"[5]", r"corpus: expected the words of the texts"),
        ("teacher.npy", b"junk", r"teacher\.npy: expected what the teacher said"),
        ("teacher.json", b"[]", r"teacher\.npy: expected what the teacher said"),
        ("start.safetensors", b"", r"start\.safetensors: expected a safetensors file"),
    ],
)
def test_a_damaged_or_foreign_file_is_named(command, text, tmp_path, name, content, message):
    out = tmp_path / "out"
    given = ("distil", text, "--teacher", TEACHER, "--out", out, *SIZES)
    command(*given)
    model = (out / MODEL_FILE).read_bytes()
    (out / name).write_bytes(model if content is None else content)
    refused(message, *given)
    assert (out / MODEL_FILE).read_bytes() == model


def test_another_matrix_is_refused_where_training_has_begun(command, text, tmp_path):
    matrix = tmp_path / "vectors.npy"
    given = ("distil", text, "--teacher", matrix, "--out", tmp_path / "out", *SIZES)
    np.save(matrix, toy_teacher([*LINES]))
    command(*given)
    np.save(matrix, 1 + toy_teacher([*LINES])[::-1])
    refused("there, teacher differs: repeat what it was begun with", *given)
