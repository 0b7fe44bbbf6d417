"""Running the commands, as a person types them."""

import gzip
import re

import pytest
from typer.testing import CliRunner

from spacy_salience.cli import app


@pytest.fixture
def command():
    """Run `salience` and return its output."""

    def run(*args):
        result = CliRunner().invoke(app, [str(arg) for arg in args])
        assert result.exit_code == 0, result.output
        return result.output

    return run


def refused(message, *args):
    """Run `salience`, which fails with a message for a person and no traceback."""
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    assert result.exit_code == 1
    assert re.search(f"^salience: .*{message}", result.output), result.output


def written(path, text):
    data = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path
