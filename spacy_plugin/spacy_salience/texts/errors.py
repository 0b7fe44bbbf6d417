"""The error of a file that cannot be read."""

from salience.errors import SalienceError


class FileError(SalienceError, ValueError):
    """A file of texts cannot be read in the format that its name says."""
