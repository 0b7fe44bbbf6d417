"""Find the words of sentences, and characters of traditional script.

`python lexicon.py words.tsv spellings.tsv sentences.txt...` writes the words of two to four
characters that jieba finds, with their counts, and what OpenCC makes of each character. Needs
jieba and opencc.
"""

import logging
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import jieba
from opencc import OpenCC

from salience.files import write_whole
from salience.model.compositions import LONGEST_COMPOUND
from salience.model.forms import is_compound

FEWEST = 3
"""Times that a word occurs, of those that are written."""

CHARACTERS = (0x3400, 0xA000), (0xF900, 0xFB00)
"""Code points of characters of Han script that may be traditional."""


def main(words: Path, spellings: Path, sources: Sequence[Path]) -> None:
    """Write both files."""
    jieba.setLogLevel(logging.ERROR)
    counts = Counter(
        word
        for source in sources
        for line in source.read_text(encoding="utf-8").splitlines()
        for word in jieba.cut(line)
        if len(word) <= LONGEST_COMPOUND and is_compound(word)
    )
    listed = [(word, str(count)) for word, count in counts.most_common() if count >= FEWEST]
    write(words, listed)
    write(spellings, list(traditional()))
    print(f"{words}: {len(listed)} words")


def traditional() -> Iterator[tuple[str, str]]:
    """Yield each character that OpenCC writes as another one in simplified script."""
    convert = OpenCC("t2s").convert
    for character in map(chr, (code for span in CHARACTERS for code in range(*span))):
        simplified = convert(character)
        if simplified != character and len(simplified) == 1:
            yield character, simplified


def write(path: Path, pairs: Sequence[tuple[str, str]]) -> None:
    """Write pairs, a line each."""
    text = "".join(f"{first}\t{second}\n" for first, second in pairs)
    write_whole(path, lambda file: file.write(text.encode()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [Path(each) for each in sys.argv[3:]])
