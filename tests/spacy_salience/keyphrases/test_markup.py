"""Markup has the length it had, and none of its letters."""

import pytest
import spacy

from spacy_salience.keyphrases.markup import NOTHING, without_markup

from .conftest import words

MARKUP = [
    "cold<br />cat",
    "<p>cold</p><p>cat</p>",
    '<a href="http://x.y/z" title="a > b">cold</a> | <a href=\'u\'>cat</a>',
    "<!-- warm --> cold <script>var warm = '<p>';</script> | <style>p { warm: 1 }</style> cat",
    "cold &lt;br /&gt; cat &amp;nbsp; &warm;",
    "< br / > cold < / p > cat",
    '<img alt="warm" src=warm.jpg> cold <?warm version?> cat <a href="http://warm',
    "[cold](http://warm.org/x_(y)) | [cat][warm] [^warm] ![warm](warm.png)",
    "[![warm](https://warm.org/warm.svg)](https://warm.org) cold | cat\n\n---\n***\n",
    'cold | cat\n\n[1]: https://warm.org "warm warm"\n[//]: # (warm)\n',
    "cold :warm: cat",
    "```warm\nimport warm\n```\ncold | cat",
    "cold https://warm.org/a?b=warm&amp;c=warm#warm cat",
    "cold www.warm.org, warm.com/warm ftp://warm cat",
    "cold warm@warm.org, <warm.warm@warm.example> cat",
    "@warm cold @warm_warm@warm.org cat",
    "\x1b[31mcold\x1b[0m | {\\warm}cat",
    "> cold |\n> > cat",
]


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_no_keyword_and_no_part_of_one(nlp, text):
    assert words(nlp(text)) == {"cold", "cat"}


@pytest.mark.parametrize("text", MARKUP)
def test_wherever_the_tokenizer_cuts(model_file, text):
    by_spaces = spacy.blank("xx")
    by_spaces.tokenizer = spacy.tokenizer.Tokenizer(by_spaces.vocab)
    by_spaces.add_pipe("salience", config={"model": {"pretrained": str(model_file)}})
    assert words(by_spaces(text)) == {"cold", "cat"}


@pytest.mark.parametrize("text", [*MARKUP, "a < b and c > d", "", "<", "&", "&;", "[](", "```"])
def test_every_character_keeps_its_place(text):
    without = without_markup(text)
    assert len(without) == len(text)
    for place in range(len(text)):
        if without[place] not in (text[place], "|", NOTHING, " "):
            assert text[place] == "&"  # an entity's character stands at its beginning


@pytest.mark.parametrize(
    "text",
    ["cold < 3 and cat > 2", "a < b and c > d", "cat/dog", "he said: cold: cat", "$5 and/or 3",
     "std::cold::cat", "cold [1, 2] cat [3]", "ASP.NET and Node.js", "5 @ 3", "AT & T"],
)  # fmt: skip
def test_what_is_no_markup_stays(text):
    assert without_markup(text) == text


@pytest.mark.parametrize(
    "part",
    ["<a ", "<a x=", "<script>", "<!--", "&", "[", "](", "![", "```\n", "@", "-@", "a.", ":a",
     "~~~\n", "<a x='", '<a x="', "----", "\u0301", "a-", "_", "{\\", "> ", "<<", "</"],
)  # fmt: skip
def test_a_text_of_beginnings_takes_no_long_time(part):
    text = part * (200_000 // len(part))
    assert len(without_markup(text)) == len(text)
