"""Make short questions of templates and of words: `python questions.py questions.txt`.

Wikipedia has few questions, and people ask many. Each subject is put into several templates of
templates.ini, so that a teacher tells what these mean. Words are those of jieba's dictionary
(MIT licence). Needs jieba.
"""

import random
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from importlib.resources import files
from pathlib import Path

from salience.files import write_whole

ENDS = ("", "", "\uff1f", "?", "\u5462", "\u554a", "\uff0c\u8c22\u8c22")
"""How a question ends: with a mark or without, or politely."""

TEMPLATES_OF_ONE, SUBJECTS, COMMONEST, SEED = 4, 11_000, 300, 0


def main(out: Path) -> None:
    """Write the questions, shuffled."""
    rng = random.Random(SEED)  # noqa: S311
    things, acts = words(("n", "nz", "ns", "vn")), words(("v", "vi", "l"))
    found = dict.fromkeys(questions(rng, templates(), things, acts))
    texts = list(found)
    rng.shuffle(texts)
    write_whole(out, lambda file: file.write(("\n".join(texts) + "\n").encode()))
    print(f"{out}: {len(texts)} questions")


def templates() -> dict[str, list[str]]:
    """The templates of things, acts and two things."""
    parser = ConfigParser(allow_no_value=True, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment]
    parser.read(Path(__file__).with_name("templates.ini"), encoding="utf-8")
    return {name: list(parser[name]) for name in parser.sections()}


def questions(
    rng: random.Random, of: dict[str, list[str]], things: list[str], acts: list[str]
) -> Iterator[str]:
    """Yield every subject in some templates of its kind."""
    for _ in range(SUBJECTS):
        thing, other, act = rng.choice(things), rng.choice(things), rng.choice(acts)
        done = act + rng.choice(("", thing))
        for template in rng.sample(of["things"], TEMPLATES_OF_ONE):
            yield ended(rng, template.format(thing))
        for template in rng.sample(of["acts"], TEMPLATES_OF_ONE):
            yield ended(rng, template.format(done))
        yield ended(rng, rng.choice(of["two"]).format(thing, other))


def ended(rng: random.Random, text: str) -> str:
    """The question as some write it, with a mark at the end or without."""
    return text + rng.choice(ENDS)


def words(kinds: tuple[str, ...]) -> list[str]:
    """The common words of these parts of speech in jieba's dictionary."""
    lines = files("jieba").joinpath("dict.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split(" ") for line in lines]
    return [
        word for word, count, kind in rows
        if kind in kinds and int(count) >= COMMONEST and 2 <= len(word) <= 5
    ]  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
