"""Small files in every form, and what is read of them."""

import gzip

import pytest

from spacy_salience.texts import documents


@pytest.fixture
def file(tmp_path):
    """Write a file; its content is packed where its name ends in .gz."""

    def write(name, content, encoding="utf-8"):
        data = content.encode(encoding) if isinstance(content, str) else content
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.lower().endswith(".gz") else data)
        return path

    return write


@pytest.fixture
def read(file):
    """Write a file and return its texts."""

    def texts(name, content, encoding="utf-8", **options):
        return list(documents(file(name, content, encoding), **options))

    return texts
