"""Reading texts from files: one reader for each format, shared by all commands."""

from .errors import FileError
from .reading import Documents, documents
from .records import Record, Table
from .sources import Source, source_of
from .tables import listed, open_table, value_in

__all__ = [
    "Documents",
    "FileError",
    "Record",
    "Source",
    "Table",
    "documents",
    "listed",
    "open_table",
    "source_of",
    "value_in",
]
