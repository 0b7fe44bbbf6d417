"""Text without its markup (HTML, Markdown, links, addresses), in which no character moves."""

import re
from html import unescape

DIVIDER = "|"
"""Replaces markup that separates phrases: a sign, which no phrase contains."""

NOTHING = "\u00ad"
"""Replaces markup inside of words: a soft hyphen, which is invisible."""

_HIDDEN = (
    (re.compile(r"<script\b[^<>]*>", re.I), re.compile(r"</script\s*>", re.I)),
    (re.compile(r"<style\b[^<>]*>", re.I), re.compile(r"</style\s*>", re.I)),
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"^[ \t]*```.*$", re.M), re.compile(r"^[ \t]*```[ \t]*$", re.M)),
    (re.compile(r"^[ \t]*~~~.*$", re.M), re.compile(r"^[ \t]*~~~[ \t]*$", re.M)),
)
"""The beginnings and ends of what readers do not see, or see as code."""

_INLINE = frozenset("b big del em font i ins mark s small strong sub sup tt u wbr".split())
"""Elements that are shown with no space around them: "a<i>way</i>" is one word."""

_ELEMENT = "(?:" + "|".join(
    "a abbr article aside b big blockquote body br button caption center cite code dd del details "
    "div dl dt em figcaption figure font footer form h[1-6] head header hr html i iframe img input "
    "ins label li link main mark meta nav ol option p pre q s section select small span strike "
    "strong sub summary sup table tbody td th thead time title tr tt u ul video wbr".split()
) + ")"  # fmt: skip
_NAME = r"""\s+[^\s<>="'/]+"""
_VALUE = r"""\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+)"""
_CUT_OFF = r"""\s+[^\s<>="'/]+\s*=\s*["'][^"'<>]*\Z"""
_TAG = re.compile(
    rf"<{NOTHING}*/?[a-z][\w:.-]*(?:{_NAME}(?:{_VALUE})?)*\s*/?>"
    rf"|<[\s{NOTHING}]*/?\s*{_ELEMENT}(?:{_NAME}{_VALUE})*\s*/?\s*>"  # with a tokenizer's spaces
    rf"|<{NOTHING}*[a-z][\w:.-]*(?:(?:{_NAME}{_VALUE})*{_CUT_OFF}|(?:{_NAME}{_VALUE})+)"
    rf"|<{NOTHING}*/{_ELEMENT}\b"
    r"|<[!?][a-z][^<>]*>",
    re.I,
)
_ELEMENT_NAME = re.compile(r"[a-z][\w:.-]*", re.I)
_ENTITY = re.compile(
    r"&(?:amp;)*(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});"
    r"|&(?:amp|gt|lt|nbsp|quot)\b"
    r"|& (?:amp|apos|gt|lt|nbsp|quot|#\d{1,7}) ?;",
    re.I,
)

_HOST = r"(?<![\w@.-])(?:[a-z\d-]{1,63}\.){1,9}"
_IN_LINK = f"[!-~{NOTHING}]"
_ADDRESS = re.compile(
    rf"(?<![a-zA-Z\d])(?:[a-zA-Z][a-zA-Z\d+.-]{{1,15}}://|www\.|mailto:){_IN_LINK}+"
    rf"|(?<![\w.])[\w.+~-]{{1,64}}@[\w-]*[.:][\w.:-]*"  # name@host.org
    r"|(?<![\w@])[@\uff20]\w[\w.-]*(?:@[\w.-]+)?"  # @name
    rf"|{_HOST}[a-z]{{2,12}}/{_IN_LINK}*"
    rf"|{_HOST}(?:com|org|net|edu|gov|io|info|biz|example)(?:\.[a-z]{{2}})?(?![\w-])",
)
_SOMEWHERE = ("@", "\uff20", "://", "www.", "mailto:")
_MAYBE_HOST = re.compile(r"\.(?:[a-z]{2,12}/|com|org|net|edu|gov|io|info|biz|example)")

_TARGET = r"\([^()\n]{0,999}(?:\([^()\n]{0,999}\)[^()\n]{0,999})?\)"
_MARKDOWN = re.compile(
    rf"!\[[^\]\n]{{0,999}}\](?:{_TARGET}|\[[^\]\n]{{0,99}}\])"  # an image or a badge
    rf"|\](?:{_TARGET}|\[[^\]\n]{{0,99}}\])"  # the target of a link
    r"|\[\^[^\]\s]{1,40}\]"  # a footnote's mark
    r"|^ {0,3}\[[^\]\n]+\]:[ \t]*(?:#|<?[a-z]+://).*$"  # the target of a reference
    r"|(?<![\w:]):[\d_+-]{0,9}[a-z][\w+-]{0,40}:(?!\w)",  # :smile:
    re.M,
)
_MAYBE_MARKDOWN = (re.compile(r"\][(\[:]"), re.compile(r"\[\^"), re.compile(r":[\w+-]{1,50}:"))

_CONTROL = re.compile(r"\x1b\[[\d;]*[A-Za-z]|\{\\[^{}\n]{0,99}\}")
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.M)
_HYPHEN_AND_END = tuple(hyphen + end for hyphen in "-\u00ad\u2010" for end in "\r\n")
_LINE_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010](?:\r\n|\n|\r)[ \t]*(?=[^\W\d_])")


def without_markup(text: str) -> str:
    """Return a text of the same length in which DIVIDER or NOTHING replaces what is no prose.

    Replaced are tags, comments, scripts and fenced code; links, addresses and handles;
    Markdown's images and the targets of its links; and hyphens at line ends. Entities are
    replaced by their characters, marks of quoted lines by spaces.
    """
    if "\x1b" in text or "{\\" in text:
        text = _CONTROL.sub(_break, text)
    if "<" in text or "```" in text or "~~~" in text:
        text = _TAG.sub(_tag, _without_hidden(text))
    if "&" in text:
        text = _ENTITY.sub(_entity, text)
        text = _TAG.sub(_tag, text) if "<" in text else text  # tags that were escaped: &lt;b&gt;
    if ">" in text:
        text = _QUOTE.sub(lambda found: " " * len(found[0]), text)
    if any(maybe.search(text) for maybe in _MAYBE_MARKDOWN):
        text = _MARKDOWN.sub(_break, text)
    if any(each in text for each in _SOMEWHERE) or _MAYBE_HOST.search(text):
        text = _ADDRESS.sub(_break, text)
    if any(each in text for each in _HYPHEN_AND_END):
        text = _LINE_HYPHEN.sub(_line_hyphen, text)
    return text


def _without_hidden(text: str) -> str:
    for begin, end in _HIDDEN:
        kept: list[str] = []
        done = 0
        # Where one has no end, later ones have none either, so the search stops.
        while (opened := begin.search(text, done)) and (closed := end.search(text, opened.end())):
            kept += text[done : opened.start()], DIVIDER * (closed.end() - opened.start())
            done = closed.end()
        text = "".join([*kept, text[done:]])
    return text


def _break(found: re.Match[str]) -> str:
    return DIVIDER * len(found[0])


def _tag(found: re.Match[str]) -> str:
    element = _ELEMENT_NAME.search(found[0])
    shown_inline = element is not None and element[0].lower() in _INLINE
    return (NOTHING if shown_inline else DIVIDER) * len(found[0])


def _entity(found: re.Match[str]) -> str:
    name = found[0].replace(" ", "").strip("&;").split(";")[-1]
    character = unescape(f"&{name};")
    known = len(character) < 3  # of an unknown one, unescape returns all its characters
    return character.ljust(len(found[0]), NOTHING) if known else _break(found)


def _line_hyphen(found: re.Match[str]) -> str:
    word_goes_on = found.string[found.end()].islower()
    return NOTHING * len(found[0]) if word_goes_on else found[0]
