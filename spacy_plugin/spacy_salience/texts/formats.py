"""The format of a file by its name, and advice for formats that have no reader."""

from enum import Enum
from pathlib import PurePath


class Format(str, Enum):
    """A format that can be read."""

    txt = "txt"
    jsonl = "jsonl"
    json = "json"
    csv = "csv"
    tsv = "tsv"
    parquet = "parquet"


KNOWN = {
    ".txt": Format.txt,
    ".jsonl": Format.jsonl,
    ".ndjson": Format.jsonl,
    ".jsonlines": Format.jsonl,
    ".json": Format.json,
    ".csv": Format.csv,
    ".tsv": Format.tsv,
    ".tab": Format.tsv,
    ".parquet": Format.parquet,
}
"""Formats by the ends of names. All other names, except those of REFUSED, are plain text."""

_ADVICE = {
    "save what it says as plain text, .txt": (
        ".pdf .doc .docx .docm .dot .dotx .odt .ott .rtf .epub .mobi .azw3 .pages .ps .djvu "
        ".ppt .pptx .odp .key .msg .html .htm .xhtml .mhtml .xml .svg .ipynb"
    ),
    "save its sheet as .csv": ".xlsx .xls .xlsm .xlsb .ods .numbers",
    "unpack it; of packed files .gz alone is read": (
        ".zip .tar .tgz .tbz2 .txz .7z .rar .bz2 .xz .lzma .zst .lz4 .br .z .jar .whl"
    ),
    "write its texts to a .jsonl or .txt": (
        ".pkl .pickle .joblib .npy .npz .h5 .hdf5 .mat .rds .rdata .feather .arrow .orc .avro "
        ".sqlite .sqlite3 .db .mdb .dta .sav .spacy .safetensors .bin .pt .onnx .yaml .yml .toml "
        ".conll .conllu"
    ),
    "take a file of texts": (
        ".png .jpg .jpeg .gif .bmp .tif .tiff .webp .heic .ico .mp3 .wav .flac .ogg .m4a .mp4 "
        ".mkv .avi .mov .webm .exe .dll .so .dylib .pyc .class .iso"
    ),
}

REFUSED = {suffix: advice for advice, names in _ADVICE.items() for suffix in names.split()}
"""Advice for files that are no plain text and have no reader, by the ends of their names."""


def suffix_of(name: str) -> tuple[str, bool]:
    """Return the suffix of a name that says the format, and whether .gz comes after it."""
    name = name.lower()
    zipped = name.endswith(".gz")
    return PurePath(name.removesuffix(".gz")).suffix, zipped


def is_known(name: str) -> bool:
    """Say whether a name has a suffix that is read, or refused."""
    suffix, zipped = suffix_of(name)
    return zipped or suffix in KNOWN or suffix in REFUSED
