"""The code in docs/ and the READMEs runs and prints what is printed there.

A file's ```python blocks share one namespace; what one prints stands in a ```text
block behind it. Blocks marked ```python torch are run by test_torch_interchange, those
marked by another package's name, such as ```python usearch, where it is installed.
What an ```ini block names is registered, and the commands of ```bash blocks exist.
"""

import io
import re
import subprocess
import sys
from contextlib import redirect_stdout
from importlib import metadata
from importlib.util import find_spec
from itertools import zip_longest
from pathlib import Path

import pytest
from spacy.util import registry

import salience
import spacy_salience
from salience import layers, ops
from spacy_salience.cli import app

ROOT = Path(__file__).parent.parent
DOCS = sorted([*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "zh").glob("*.md")])
OPTIONAL = (
    "bertopic", "datasets", "duckdb", "keybert", "lancedb", "langchain_core", "pandas", "pgvector",
    "pyspark", "ray", "usearch",
)  # fmt: skip
"""Packages that blocks may be marked by; of these, pgvector needs a server too: none is run."""
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]
BLOCK = re.compile(r"^```(.*)\n((?:(?!```).*\n)*)```$", re.MULTILINE)


def run_blocks(path, kinds=("python",)):
    """Run a file's blocks of these kinds from top to bottom and return how many there are."""
    text, namespace, count, printed = path.read_text(encoding="utf-8"), {}, 0, None
    for found in BLOCK.finditer(text):
        kind, content = found.groups()
        if kind in kinds:
            # Empty lines before it, so that a traceback shows the line of the file.
            code = "\n" * text[: found.start(2)].count("\n") + content
            with redirect_stdout(io.StringIO()) as out:
                exec(compile(code, str(path), "exec"), namespace)
            printed, count = out.getvalue(), count + 1
        elif kind == "text" and printed is not None:
            assert printed == content, f"{path.name}: the block prints\n{printed}"
            printed = None
        else:
            printed = None
    return count


@pytest.mark.usefixtures("joblib_ends")
@pytest.mark.parametrize("path", [*DOCS, *READMES], ids=lambda path: path.name)
def test_the_blocks_run_and_print_what_is_shown(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = [f"python {name}" for name in OPTIONAL if name != "pgvector" and find_spec(name)]
    assert run_blocks(path, ("python", *found)) > 0


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_all_blocks_are_of_a_kind_that_is_run_or_compared(path):
    text = path.read_text(encoding="utf-8")
    blocks = BLOCK.findall(text)
    run = {"python", "python torch", *(f"python {name}" for name in OPTIONAL)}
    assert {kind for kind, _ in blocks} <= {*run, "text", "ini", "bash"}
    assert text.count("```") == 2 * len(blocks)


@pytest.mark.parametrize("path", [*DOCS, *READMES], ids=lambda path: path.name)
def test_what_is_named_in_configs_and_on_command_lines_exists(path):
    known = {command.callback.__name__ for command in app.registered_commands}
    known |= {group.typer_instance.info.name for group in app.registered_groups}
    for kind, content in BLOCK.findall(path.read_text(encoding="utf-8")):
        if kind == "ini":
            named = re.findall(r'^@(\w+) = "(.*)"$', content, re.MULTILINE)
            assert named
            assert all(registry.has(register, name) for register, name in named), named
        if kind == "bash":
            assert set(re.findall(r"\bsalience (?!salience)([a-z]+)\b", content)) <= known, content


def test_there_is_something_to_run():
    assert DOCS


def test_a_wrong_line_is_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1 + 1)\n```\n\n```text\n3\n```\n")
    with pytest.raises(AssertionError, match=r"the block prints\s+2\s"):
        run_blocks(page)
    page.write_text("one\n\n```python\nraise ValueError('here')\n```\n")
    with pytest.raises(ValueError, match="here") as caught:
        run_blocks(page)
    assert caught.traceback[-1].lineno + 1 == 4


def blocks_of(text):
    return [f"```{kind}\n{content}```" for kind, content in BLOCK.findall(text)]


def numbers_of(text):
    """The numbers of each row of the tables, as they are written."""
    rows = [line for line in BLOCK.sub("", text).splitlines() if line.startswith("|")]
    return [re.findall(r"\d[\d,.]*\d|\d", row) for row in rows]


def differing(english, chinese):
    """Say where two READMEs say different things; nothing where they do not.

    The first code block of each is of texts in its language.
    """
    pairs = zip_longest(blocks_of(english), blocks_of(chinese))
    found = [
        f"code block {number} of README.md is\n{ours}\nand of README.zh.md\n{theirs}"
        for number, (ours, theirs) in enumerate(pairs, 1)
        if ours != theirs and number > 1
    ]
    rows = zip_longest(numbers_of(english), numbers_of(chinese))
    return found + [
        f"row {number} of the tables has {ours} in README.md and {theirs} in README.zh.md"
        for number, (ours, theirs) in enumerate(rows, 1)
        if ours != theirs
    ]


def test_both_readmes_have_the_same_code_and_figures():
    english, chinese = (path.read_text(encoding="utf-8") for path in READMES)
    assert "(README.md)" in chinese
    assert "(README.zh.md)" in english
    assert english.count("\n#") == chinese.count("\n#")
    assert not differing(english, chinese)


def test_a_difference_is_named():
    first = "```python\nhere\n```\n\n"
    ours = f"{first}| a | 0.8 |\n\n```bash\nls\n```\n"
    theirs = f"{first[:10]}there\n```\n\n| b | 0.9 |\n\n```bash\nls -l\n```\n"
    assert not differing(ours, ours.replace("| a |", "| b |"))
    block, row = differing(ours, theirs)
    assert block.startswith("code block 2 of README.md is\n```bash\nls\n```\nand")
    assert row == "row 1 of the tables has ['0.8'] in README.md and ['0.9'] in README.zh.md"


def test_the_reference_has_every_name_of_a_config():
    text = (ROOT / "docs" / "api" / "configs.rst").read_text(encoding="utf-8")
    for entry in metadata.distribution("salience").entry_points:
        if entry.group in ("spacy_factories", "spacy_architectures", "spacy_callbacks"):
            assert entry.name in text, entry.name
            assert entry.value.replace(":", ".") in text, entry.value


def loaded_from_elsewhere(page):
    """What a browser would fetch for a page or a style sheet from another host."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".css":
        return re.findall(r"""(?:url\(|@import)\s*['"]?((?:https?:)?//[^'")]*)""", text)
    tags = re.findall(r"<(?:script|link|img|iframe|source|video|audio|object|embed)\b[^>]*>", text)
    return [tag for tag in tags if re.search(r"""(?:src|href|data)=['"]?(?:https?:)?//""", tag)]


def test_the_pages_build_without_a_warning_and_load_nothing_from_elsewhere(tmp_path):
    for package in ("sphinx", "myst_parser", "furo"):
        pytest.importorskip(package, reason="the extra docs is not installed")
    out = tmp_path / "html"
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", ROOT / "docs", out]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    pages = [*out.rglob("*.html"), *out.rglob("*.css")]
    assert {"explanations.html", "commands.html"} <= {page.name for page in pages}
    for module in (salience, layers, ops, spacy_salience):
        last = module.__name__.rpartition(".")[2]
        page = (out / "api" / f"{last}.html").read_text(encoding="utf-8")
        for name in module.__all__:
            assert name == "__version__" or f'id="{module.__name__}.{name}"' in page, name
    assert not [found for page in pages for found in loaded_from_elsewhere(page)]


def test_what_is_loaded_from_elsewhere_is_noticed(tmp_path):
    page, style = tmp_path / "a.html", tmp_path / "a.css"
    page.write_text('<a href="https://spacy.io">x</a><script src="local.js"></script>')
    style.write_text("p { background: url('local.png') }")
    assert not loaded_from_elsewhere(page) + loaded_from_elsewhere(style)
    page.write_text('<link rel="stylesheet" href="//fonts.example/a.css">')
    style.write_text("@import 'https://fonts.example/b.css';")
    assert loaded_from_elsewhere(page)
    assert loaded_from_elsewhere(style)
