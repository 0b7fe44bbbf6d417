"""Files of other kinds than was expected, recognised by their first bytes."""

import json
from typing import Any

POINTER = b"version https://git-lfs.github.com/spec/"
"""The first bytes of a git-lfs pointer, which stands for a file that was not fetched."""

_SAVE = "write one from PyTorch with safetensors.torch.save_model(module.float(), path)"

_SIGNATURES = (
    ((POINTER,), "a pointer of git-lfs in the place of the file", "fetch it with: git lfs pull"),
    ((b"PK\x03\x04",), "a zip archive, such as torch.save and numpy.savez write", _SAVE),
    ((b"\x80\x02\x8a", b"\x80\x04\x95", b"\x80\x05\x95"), "a pickle, which is never read", _SAVE),
    ((b"GGUF",), "a GGUF file", _SAVE),
    ((b"\x89HDF",), "an HDF5 file", _SAVE),
    ((b"\x93NUMPY",), "an array of NumPy", "give the file of a model"),
    ((b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"), "a compressed file", "unpack it"),
    ((b"<!", b"<html", b"<HTML", b"<?xml"), "a web page", "download the file itself"),
)


def kind_of(content: bytes) -> str | None:
    """Say what a file is, by its content, and what to do; None where that is not known."""
    begin = content[:64].lstrip()  # web pages may begin with white space
    for signatures, what, advice in _SIGNATURES:
        if begin.startswith(signatures):
            return f"it is {what}: {advice}"
    return None


def header_of(content: bytes) -> dict[str, Any]:
    """Return the header of a safetensors file; ValueError where there is none."""
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    if not isinstance(header, dict):
        raise ValueError(f"the header is no object but {type(header).__name__}")
    return header


def tensors_of_another(content: bytes, entry: str) -> list[str] | None:
    """Return the names in a safetensors file that lacks this entry; None of any other file."""
    try:
        header = header_of(content)
    except (ValueError, RecursionError):
        return None
    described = {name: stated for name, stated in header.items() if name != "__metadata__"}
    metadata = header.get("__metadata__") or {}
    if not all(isinstance(stated, dict) and "dtype" in stated for stated in described.values()):
        return None
    return None if not isinstance(metadata, dict) or entry in metadata else list(described)
