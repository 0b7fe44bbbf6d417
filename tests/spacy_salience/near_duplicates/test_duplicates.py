"""Groups of near-duplicates are the connected components of the pairs above a threshold."""

import numpy as np
import pytest

from salience.errors import DtypeError, RangeError
from spacy_salience import TextEncoder, duplicates
from spacy_salience.near_duplicates import alike
from spacy_salience.near_duplicates import duplicates as module

TEXTS = [
    "The harbour froze and the boats stayed in port.",
    "Beat the eggs with sugar and bake the cake for an hour.",
    "the harbour froze, and the boats stayed in port",
    "Quarterly earnings surprised nobody.",
    "Beat the eggs with sugar and bake the cake for one hour!",
    "Beat the eggs with sugar and bake the cake for an hour.",
    "The harbour froze and all the boats stayed in the port.",
    "Our team won the final of the cup after extra time.",
]


@pytest.fixture(params=["exact", "usearch"])
def backend(request):
    if request.param == "usearch":
        pytest.importorskip("usearch", reason="it is not installed: pip install 'salience[ann]'")
    return request.param


def components(texts, above, **model):
    """The groups by a walk over all pairs, with cosines by NumPy."""
    vectors = TextEncoder(**model).encode(texts).astype(np.float64)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, norms, where=norms > 0, out=np.zeros_like(vectors))
    scores = unit @ unit.T
    assert (abs(scores - above) > 1e-5).all(), "a pair that rounding decides"
    left, found = list(range(len(texts))), []
    while left:
        group, at = [left.pop(0)], 0
        while at < len(group):
            now = group[at]
            near = [i for i in left if scores[now, i] >= above or texts[i] == texts[now]]
            group += near
            left = [i for i in left if i not in near]
            at += 1
        found.append(sorted(group))
    several = [group for group in found if len(group) > 1]
    return sorted(several, key=lambda group: (-len(group), group[0])), scores


def checked(texts, above, **options):
    """The groups of `duplicates`, which are those of brute force, each joined by its pairs."""
    backend = options.pop("backend", None)
    found = duplicates(texts, above=above, backend=backend, **options)
    expected, scores = components(texts, above, **options)
    assert [group.places for group in found] == expected
    for group in found:
        assert len(group.pairs) == len(group.places) - 1
        reached = {group.places[0]}
        for _ in group.pairs:
            reached |= {i for a, b, _ in group.pairs if reached & {a, b} for i in (a, b)}
        assert reached == set(group.places)
        for a, b, score in group.pairs:
            assert a < b
            assert score == pytest.approx(scores[a, b] if texts[a] != texts[b] else 1, abs=1e-6)
            assert score >= above or texts[a] == texts[b]
    return found


@pytest.mark.parametrize("above", [0.05, 0.5, 0.9, 0.99])
def test_groups_are_those_of_brute_force(backend, above):
    checked(TEXTS, above, backend=backend)


def test_by_default_groups_are_of_a_cosine_of_nine_tenths():
    assert [group.places for group in duplicates(TEXTS)] == [[0, 2, 6], [1, 4, 5]]
    assert duplicates(TEXTS) == duplicates(iter(TEXTS), above=0.9, model="en_small")


def test_a_chain_is_one_group(backend):
    """The ends are less alike than the threshold; the text between joins them."""
    ends = "The boats stayed in port.", "The harbour froze in winter."
    chain = [ends[0], ends[1], f"{ends[0]} {ends[1]}"]
    _, scores = components(chain, 0.5)
    least = min(scores[0, 2], scores[1, 2])
    assert scores[0, 1] < least
    (group,) = checked(chain, float(least + scores[0, 1]) / 2, backend=backend)
    assert sorted(pair[:2] for pair in group.pairs) == [(0, 2), (1, 2)]


def test_equal_texts_are_one_group_without_a_comparison(backend):
    (group,) = duplicates(["the same words"] * 50, backend=backend)
    assert group.places == list(range(50))
    assert group.pairs == [(0, other, 1.0) for other in range(1, 50)]


def test_many_copies_with_small_edits_are_one_group(backend):
    """More of them than a graph is asked neighbours for, among other texts."""
    copies = [f"The harbour froze and boat {number} stayed in port." for number in range(300)]
    texts = [*TEXTS[3:4], *copies[:100], *TEXTS[7:8], *copies[100:]]
    (group,) = checked(texts, 0.8, backend=backend)
    assert len(group.places) == 300


def test_texts_without_a_vector_are_duplicates_of_equal_ones(backend):
    assert [group.places for group in duplicates(["", "\n", "", "a word"], backend=backend)] == [
        [0, 2]
    ]


@pytest.mark.parametrize("texts", [[], [""], ["a word"]])
def test_no_text_and_one_text_have_no_duplicates(backend, texts):
    assert duplicates(texts, backend=backend) == []


def test_items_of_several_batches(backend, monkeypatch):
    monkeypatch.setattr("spacy_salience.search.itself.ITEMS_AT_ONCE", 8)
    rng = np.random.default_rng(0)
    words = " ".join(TEXTS).split()
    texts = [" ".join(rng.choice(words, 6)) for _ in range(60)]
    assert len(checked(texts, 0.77, backend=backend)) > 1


def test_many_different_texts_go_to_the_graph(monkeypatch):
    pytest.importorskip("usearch", reason="usearch is not installed: pip install 'salience[ann]'")
    asked = []
    real = alike.by_graph
    monkeypatch.setattr(alike, "by_graph", lambda *given: asked.append(1) or real(*given))
    monkeypatch.setattr(module, "MOST_EXACT", len(set(TEXTS)))
    exact = duplicates(TEXTS)
    assert not asked
    monkeypatch.setattr(module, "MOST_EXACT", len(set(TEXTS)) - 1)
    assert duplicates(TEXTS) == exact
    assert asked


def test_chinese_texts():
    texts = [
        "港口结冰了，船都停在港里。",
        "蛋糕要烤一个小时。",
        "港口结冰了，船都停在港里！",
        "蛋糕要烤一小时。",
    ]
    found = checked(texts, 0.9, model="zh_small")
    assert [group.places for group in found] == [[0, 2], [1, 3]]
    assert duplicates(texts, lang="zh") == found


@pytest.mark.parametrize("above", [0, -0.5, 1.01, float("nan"), "0.9", True])
def test_a_threshold_outside_of_0_to_1_is_refused(above):
    with pytest.raises(RangeError, match=r"duplicates: .*above"):
        duplicates(["a"], above=above)


def test_what_is_no_list_of_texts_is_refused():
    with pytest.raises(DtypeError, match="duplicates: expected an iterable of texts, got str"):
        duplicates("one text")
    with pytest.raises(DtypeError, match="got int at place 1"):
        duplicates(["a", 1])
    with pytest.raises(RangeError, match="duplicates: backend"):
        duplicates(["a"], backend="faiss")
