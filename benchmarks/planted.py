"""How many changed copies `duplicates` finds: python -m benchmarks.planted FILE TEXTS SENTENCES.

FILE is plain text or a .gz. TEXTS passages of so many sentences are made of it, and changed
copies of one in a hundred: a word replaced, a word dropped, other case or no punctuation, or
a dozen words of another passage appended. A copy is found where it is in its original's group.
"""

import gzip
import random
import re
import sys
import time
from collections import defaultdict
from pathlib import Path

from spacy_salience import duplicates

from .memory import status

SHORTEST = 6
"""Words of a sentence, at least."""


def passages(path, count, size):
    """Return passages of `size` sentences each, no two of them equal."""
    opened = gzip.open if path.suffix == ".gz" else open
    found, sentences = {}, []
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            some = re.split(r"(?<=[.!?]) +", line.strip())
            sentences += [each for each in some if len(each.split()) >= SHORTEST]
            while len(sentences) >= size:
                found[" ".join(sentences[:size])] = None
                del sentences[:size]
            if len(found) >= count:
                break
    return list(found)[:count]


def changed(text, way, texts, draw):
    """Return a text with one change."""
    words = text.split()
    if way == "replaced":
        words[draw.randrange(len(words))] = draw.choice(draw.choice(texts).split())
    elif way == "dropped":
        del words[draw.randrange(len(words))]
    elif way == "case":
        return text.upper() if draw.random() < 0.5 else re.sub(r"[.,;]", "", text)
    else:
        words += draw.choice(texts).split()[:12]
    return " ".join(words)


def main(path, count, size):
    """Print the share of copies that are found, by each backend."""
    texts, draw, ways = passages(path, count, size), random.Random(0), "replaced dropped case more"
    planted = draw.sample(range(len(texts)), len(texts) // 100)
    made = [(ways.split()[number % 4], place) for number, place in enumerate(planted)]
    copies = [changed(texts[place], way, texts, draw) for way, place in made]
    for backend in ("exact", "usearch"):
        began = time.process_time()
        groups = duplicates([*texts, *copies], backend=backend)
        seconds = time.process_time() - began
        group_of = {place: number for number, each in enumerate(groups) for place in each.places}
        found = defaultdict(list)
        for number, (way, place) in enumerate(made, start=len(texts)):
            found[way].append(number in group_of and group_of[number] == group_of.get(place))
        shares = {way: round(sum(each) / len(each), 3) for way, each in found.items()}
        every = sum(map(sum, found.values())) / len(copies)
        print(f"{backend}: {every:.3f} of {len(copies)} copies {shares}")
        print(f"  {len(groups)} groups of {len(group_of)} texts, {seconds:.0f} s of CPU, "
              f"{status('VmHWM'):.0f} MB")  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
