"""What the benchmarks share: how they are sampled, batches, texts, a clock for rates."""

import random
import re
from functools import cache
from time import perf_counter

import salience
from salience.testing import ragged_lengths, random_floats, random_starts

from . import torch_peers

WIDTHS = (64, 128, 256)
DOCUMENTS = ("ragged", 32, 128, 512, 4096)
"""Tokens of each document: as text has them (30 on average, up to 512), or all the same."""
TOKENS = 8192
"""Of a batch: if it is ragged, 256 documents."""

PEER = re.compile(r"time_(numpy|torch|libm|composed)_\w+")
OTHER_WORK = re.compile(r"_(rnn|gru|lstm|uncoalesced)_")
"""In the name of a peer which is the usual alternative, and computes something else."""

# asv sets up anew before every sample, so inputs are made once a process.
floats = cache(random_floats)

SENTENCES = (
    "The ferry to {place} leaves at {number}, whatever the tide says.",
    "{name} keeps every ticket she has ever bought in a biscuit tin.",
    "Nobody in {place} remembers who painted the water tower green.",
    "It rained for {number} days, and then the frogs moved into the cellar.",
    "My neighbour repairs clocks, but he is never on time.",
    "The recipe asks for {number} onions; {name} used one and nobody noticed.",
    "Two engineers argued about the bridge until the river froze.",
    "After the match, the goalkeeper walked home to {place} in the snow.",
    "The library lends telescopes, and the queue is longer than for novels.",
    "{name} wrote the report on the train and lost it on the platform.",
    "A cheap battery failed, so the whole observatory went dark at {number}.",
    "Why would anyone ship bread from {place} to {place}?",
    "The committee approved a budget of {number} for benches nobody wanted.",
    "Bees returned to the orchard once the old pump was switched off.",
    "{name} says that the map is right and the road is wrong.",
    "The museum bought a whale's jaw, which does not fit through its door.",
    "In winter the bakery opens at {number}, an hour before the first bus.",
    "The violin had belonged to a sailor who could not play it.",
    "Please return the ladder to {name} before the election in {place}.",
    "Every spring someone finds a coin in the garden and says it is Roman.",
)
CHINESE = (
    "开往北岛的渡轮{number}点出发，不管潮水怎么说。",
    "她把买过的每一张票都放在一个饼干盒里。",
    "没有人记得是谁把水塔漆成了绿色。",
    "下了{number}天的雨，然后青蛙搬进了地窖。",
    "我的邻居修理钟表，可是他自己从来不准时。",
    "两位工程师为那座桥一直争论到河水结冰。",
    "比赛结束以后，守门员踏着雪走回了家。",
    "这家图书馆出借望远镜，排队的人比借小说的还多。",
    "一块便宜的电池坏了，整个天文台在{number}点陷入黑暗。",
    "委员会批准了{number}元的预算，用来买没人想要的长椅。",
    "旧水泵关掉以后，蜜蜂又回到了果园。",
    "冬天面包店很早就开门，比第一班公交车早一个小时。",
)
NAMES = ("Ada", "Mr. Okonkwo", "Jun", "Ilse", "Dr. Varga", "Tomasz", "Priya")
PLACES = ("Lindholm", "Port Adel", "Vesterby", "Quillota", "New Harrow", "Tarn")


class Benchmark:
    """At most ten samples in two seconds; the fastest of them says the most."""

    repeat = (3, 10, 2.0)
    timeout = 300


def pin(threads=1):
    """Let a batch have this many threads: one, unless the benchmark is about threads."""
    salience.set_num_threads(threads)
    torch_peers.pin()


@cache
def starts_of(documents, tokens):
    """Return where documents of this length begin, in a batch of about this many tokens."""
    if documents == "ragged":
        return random_starts(ragged_lengths(tokens // 32))
    return random_starts([documents] * (tokens // documents))


@cache
def texts(documents, sentences=SENTENCES):
    """Return documents of about 30 words, up to 512, from the sentences above."""
    choice = random.Random(0)
    return [_text(words, choice, sentences) for words in ragged_lengths(documents)]


def long_text(tokens):
    """Return one document of about this many tokens."""
    return _text(tokens, random.Random(0), words_a_sentence=13.9)


def op_of(name, names):
    """Return the benchmark of ours that a peer stands beside; None if the name is no peer's.

    time_numpy_scan and time_torch_buckets_scan stand beside time_scan: of our
    names, theirs end with it, and with no longer one.
    """
    if not PEER.fullmatch(name):
        return None
    ours = (each for each in names if each.startswith("time_") and not PEER.fullmatch(each))
    return max((each for each in ours if name.endswith(each.removeprefix("time"))), key=len)


def per_second(count, function, seconds=0.3):
    """Return count / the shortest call's time, over a warm call and at least three more."""
    function()
    laps = []
    while len(laps) < 3 or sum(laps) < seconds:
        begin = perf_counter()
        function()
        laps.append(perf_counter() - begin)
    return count / min(laps)


def _text(words, choice, sentences=SENTENCES, words_a_sentence=12):
    return " ".join(
        sentence(choice, sentences) for _ in range(max(1, round(words / words_a_sentence)))
    )


def sentence(choice, sentences=SENTENCES):
    return choice.choice(sentences).format(
        name=choice.choice(NAMES),
        place=choice.choice(PLACES),
        # Numbers as they come in text: most of them no model knows as a word.
        number=choice.randrange(2, 10000),
    )
