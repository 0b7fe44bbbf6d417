"""The words of CONTRIBUTING.md: one word for one thing, in names and in prose."""

import ast
import re
import tokenize

import pytest

from .test_imports import name_of
from .test_structure import CORE, PLUGIN

FILES = [
    path
    for folder in (CORE, PLUGIN)
    for path in sorted(folder.rglob("*.py"))
    if path.name != "__init__.py"
]

# In these a block is a layer of the encoder, in all others a thread block.
OF_LAYERS = (
    *(CORE / part for part in ("encoder", "layers", "model", "training")),
    *(
        PLUGIN / part
        for part in ("architectures.py", "cli/distil.py", "cli/finetune.py", "learning", "models")
    ),
)

# The plugin's folders that read and describe Docs, and what all of the core uses, in which most
# words of the glossary have no place: the words, and the files that use them as it says.
FOLDERS = (
    "", "annotations", "cli", "component", "encoding", "explanations", "keyphrases", "listeners",
    "models", "pictures", "search", "sklearn", "tables", "texts",
)  # fmt: skip
OF_DOCS = [
    path
    for folder in (CORE, *(PLUGIN / name for name in FOLDERS))
    for path in sorted(folder.glob("*.py"))
]
GLOSSARY = "block", "chunk", "part", "run", "segment", "span", "stage", "strip", "tile"
USED = {
    "block": [
        PLUGIN / name
        for name in (
            "architectures.py",
            "cli/distil.py",
            "cli/finetune.py",
            "models/build.py",
            "models/network.py",
            "models/served.py",
        )
    ],
    "chunk": [PLUGIN / "models" / "served.py", PLUGIN / "cli" / "run.py"],
    "run": [
        CORE / "threads.py",
        PLUGIN / "cli" / "run.py",
        PLUGIN / "tables" / "__init__.py",
        PLUGIN / "tables" / "add_columns.py",
    ],
    "span": [PLUGIN / "annotations" / "similarity.py"],
}

# Constants that several files have, each with a value of its own but with one meaning.
SHARED = {
    "AHEAD": "what is read, or asked for, before the first of it is used",
    "DEPTH": "steps of k whose factors are in shared memory, or in cache, at once",
    "EACH": "what one thread takes",
    "GROUP": "rows that one thread, or thread block, adds up",
    "LABELLED": "the columns of pairs with labels",
    "LANES": "numbers of a vector, threads of a warp",
    "MOST_TEXTS": "texts after which no more are read",
    "NAME": "of a thinc model",
    "ROWS_IN_CACHE": "rows that go through all steps of a loop together",
    "RUN": "tokens of a run",
    "SHARERS": "threads that share one sum",
    "SIDE": "threads along a side of a tile",
    "SLICE": "rows of a slice",
    "TEXTS_AT_ONCE": "texts of a batch",
    "THREADS": "threads of a thread block",
    "WHERE": "the public function that an error names",
    "WORD": "the kind of a token or piece that is a word",
    "_ACTING": "characters that act on a terminal",
    "_ADVICE": "what an error says to do",
    "_BELOW_ONE": "the number before 1",
    "_FAR": "where sigmoid is clipped",
    "_INDEX": "the bits of a key that are its index",
    "_LEAST": "where exp is clipped",
    "_MOST": "where exp is clipped",
    "_ONE": "1 in float32",
    "_SHAPE": "of an array in shared memory",
    "_WANTED": "what an error says was expected",
}


def constants(path):
    """The names in capitals that a module gives values to, but for those of numba's types."""
    assigned = [node for node in parsed(path).body if isinstance(node, ast.Assign | ast.AnnAssign)]
    targets = [to for each in assigned for to in getattr(each, "targets", None) or [each.target]]
    for node in (each for to in targets for each in ast.walk(to)):
        if isinstance(node, ast.Name) and re.fullmatch(r"_?[A-Z][A-Z0-9_]+", node.id):
            yield node.id


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def test_a_constant_of_one_name_has_one_meaning():
    files = {}
    for path in FILES:
        for name in constants(path) if path.name != "jit.py" else ():
            files.setdefault(name, []).append(name_of(path))
    several = {name: of for name, of in files.items() if len(of) > 1}
    assert {name: of for name, of in several.items() if name not in SHARED} == {}
    assert SHARED.keys() <= several.keys(), "entries of SHARED that no two files have"


def test_no_constant_differs_from_another_by_an_underscore_alone():
    """But in kernels, in what learns, and in keyphrases."""
    left_out = [CORE / part for part in ("cpu", "cuda", "ops", "training")]
    left_out += [PLUGIN / part for part in ("evaluation", "keyphrases", "learning")]
    paths = (path for path in FILES if not any(path.is_relative_to(each) for each in left_out))
    found = {name for path in paths for name in constants(path)}
    assert {name for name in found if f"_{name}" in found} == set()


def prose(path):
    """Comments, docstrings and other strings that are statements, as (line, text)."""
    with tokenize.open(path) as file:
        yield from (
            (token.start[0], token.string)
            for token in tokenize.generate_tokens(file.readline)
            if token.type == tokenize.COMMENT
        )
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.lineno, str(node.value.value)


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if not any(path.is_relative_to(each) for each in OF_LAYERS)],
    ids=name_of,
)
def test_a_block_is_a_thread_block_or_a_layer_of_the_encoder(path):
    for line, text in prose(path):
        words = re.sub(r"\bthread\s+blocks?\b", "", text.lower())
        assert not re.search(r"\bblocks?\b", words), f"{path}:{line}"


def foreign_to_the_glossary(text):
    """The word of GLOSSARY that a name or a text has; a noun chunk is spaCy's."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", text).lower()
    words = re.sub(r"\bnoun chunks?\b", "", words)
    return next((word for word in GLOSSARY if re.search(rf"\b{word}s?\b", words)), None)


def names(path):
    """The names that a file gives to functions, classes, arguments, variables and attributes."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr


@pytest.mark.parametrize("path", OF_DOCS, ids=name_of)
def test_no_other_thing_has_a_word_of_the_glossary_in_its_name(path):
    for line, name in names(path):
        word = foreign_to_the_glossary(name)
        assert word is None or path in USED.get(word, ()), f"{path}:{line}: {name}"


@pytest.mark.parametrize("path", OF_DOCS, ids=name_of)
def test_no_other_thing_is_called_by_a_word_of_the_glossary(path):
    for line, text in prose(path):
        # "It runs" and spaCy's own "span" are no names of ours.
        nouns = re.sub(r"\bspans?\b|\b(?:to|that|how it|it) runs?\b", "", text.lower())
        word = foreign_to_the_glossary(nouns)
        assert word is None or path in USED.get(word, ()), f"{path}:{line}: {word}"


@pytest.mark.parametrize(
    ("name", "word"),
    [("_Run", "run"), ("word_runs", "run"), ("TokenSpan", "span"), ("PARTS", "part"),
     ("noun_chunks", None), ("encode_chunks", "chunk"), ("partial", None), ("drunk", None)],
)  # fmt: skip
def test_a_word_of_the_glossary_is_noticed_in_a_name(name, word):
    assert foreign_to_the_glossary(name) == word


def begins_with_a_capitalised_equation(docstring, names):
    """Whether it begins as "Out = x", where the name is out."""
    first = re.match(r"\|?([A-Z]\w*)\|?(?: [-+*/]?= | [-+*/] | \w\.|\.)", docstring)
    return bool(first) and first[1].lower() in names


@pytest.mark.parametrize("path", [*CORE.rglob("*.py"), *PLUGIN.rglob("*.py")], ids=str)
def test_no_docstring_begins_with_a_capitalised_equation(path):
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef):
            names = {node.name, *(each.arg for each in ast.walk(node) if isinstance(each, ast.arg))}
            docstring = ast.get_docstring(node) or ""
            assert not begins_with_a_capitalised_equation(docstring, names), f"{path}: {node.name}"


@pytest.mark.parametrize(
    "docstring", ["Out = x / by.", "Row /= sum of the row.", "A * b + c.", "|A|.", "Exp x."]
)
def test_a_capitalised_equation_is_noticed(docstring):
    assert begins_with_a_capitalised_equation(docstring, {"out", "row", "a", "exp"})
