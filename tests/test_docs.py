"""The code in docs/ runs and prints what is printed there.

A file's ```python blocks share one namespace; what one prints stands in a ```text
block behind it. Blocks marked ```python torch are run by test_torch_interchange.
"""

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

DOCS = sorted((Path(__file__).parent.parent / "docs").glob("*.md"))
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


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_the_blocks_run_and_print_what_is_shown(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_blocks(path) > 0


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_all_blocks_are_of_a_kind_that_is_run_or_compared(path):
    text = path.read_text(encoding="utf-8")
    blocks = BLOCK.findall(text)
    assert {kind for kind, _ in blocks} <= {"python", "python torch", "text"}
    assert text.count("```") == 2 * len(blocks)


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
