"""Languages by their codes: blank pipelines, and warnings of texts in another language."""

import warnings

import spacy
from spacy.language import Language
from spacy.util import get_lang_class

from salience.errors import LanguageWarning, MissingPackageError, RangeError

ANY_LANGUAGE = "xx"
"""spaCy's code for several languages at once."""

DEFAULT = "en"
"""The language of models that state none: early models were all English."""

LONGEST_TEXT = 10**9
"""The max_length of blank pipelines, in characters. spaCy's own limit is for parsers' memory."""


def blank(lang: str) -> Language:
    """Return a blank pipeline, for texts of any length.

    Raises RangeError where spaCy has no such language, and MissingPackageError
    where its tokenizer needs a package that is not installed.
    """
    code_of(lang)
    try:
        nlp = spacy.blank(lang)
    except ImportError as error:
        raise MissingPackageError(
            f"expected the package that spaCy's tokenizer of {lang!r} needs, found none; install "
            f"it, as spaCy says: {error}"
        ) from error
    nlp.max_length = LONGEST_TEXT
    return nlp


def code_of(lang: str) -> str:
    """Return spaCy's own code of a language, "en" for "eng"; RangeError where it has none."""
    try:
        return str(get_lang_class(lang).lang)
    except (ImportError, AttributeError) as error:  # spacy.lang has modules of no language
        raise RangeError(
            f"expected the code of a language that spaCy has, such as en, got {lang!r}"
        ) from error


def differ(one: str | None, other: str | None) -> bool:
    """Say whether two languages differ; False where one is unknown, or stands for several."""
    return bool(one and other) and one != other and ANY_LANGUAGE not in (one, other)


def warn_of_language(name: str, model: str | None, lang: str | None) -> bool:
    """Warn where a model is for another language than lang; say whether it warned."""
    if not differ(model, lang):
        return False
    warnings.warn(
        f"{name}: expected texts read as {model!r}, the model's language, got {lang!r}: the model "
        f"knows few of their words; `salience distil --lang {lang}` makes one for them",
        LanguageWarning, stacklevel=2,
    )  # fmt: skip
    return True


def warn_of_script(name: str, own: frozenset[str], found: str) -> None:
    """Warn that texts are written in another script than the model's words."""
    warnings.warn(
        f"{name}: expected texts in {' or '.join(sorted(own))} letters, as the model's words are, "
        f"got most of them in {found} ones: the model knows few of their words; `salience distil "
        "--lang CODE` makes one for their language",
        LanguageWarning, stacklevel=2,
    )  # fmt: skip


def warn_of_texts(nlp: Language, own: frozenset[str], found: str) -> None:
    """Warn that texts to learn from are in another script than their language is written in."""
    warnings.warn(
        f"distil: expected texts in {' or '.join(sorted(own))} letters, as {nlp.lang!r} is "
        f"written, got most of them in {found} ones, whose words its tokenizer may not find; give "
        "their language with --lang",
        LanguageWarning, stacklevel=2,
    )  # fmt: skip
