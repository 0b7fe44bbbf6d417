import pytest

from spacy_salience.texts.quoting import delimiter_of, fit_literal, fit_quoted, is_quoted


@pytest.mark.parametrize(
    ("head", "sign"),
    [
        (["a,b", "1,2"], ","),
        (["a;b", "1,5;2,5"], ";"),
        (["a\tb", "x, y\tz; w"], "\t"),
        (["a|b", "x, y|z"], "|"),
        (["id;comment, long", "1;good", "2;bad, too"], ";"),
        (['"a;b",c', '"1;2",3'], ","),
        (["text", "one"], ","),
        ([], ","),
        (["a,b,c", "1,2"], ","),
    ],
)
def test_the_sign_between_fields(head, sign):
    assert delimiter_of(head) == sign


def test_how_far_lines_fit():
    assert fit_quoted(["a,b", '1,"x', 'y"', "2"], ",") == (3, 2, False)
    assert fit_quoted(["a,b", '1,"x', "y"], ",") == (1, 2, True)
    assert fit_literal(["a\tb", "", "1"]) == (2, 2, False)
    assert fit_quoted([], ",") == fit_literal([]) == (0, 0, False)


@pytest.mark.parametrize(
    ("window", "width", "quoted"),
    [
        (['1\t"a\tb"'], 2, True),
        (['1\t"a', 'b"'], 2, True),
        (['1\t"a ""b"""'], 2, True),
        (['"id"\t"text"', '1\t"a"'], 0, True),
        (['"one', 'two"'], 1, True),
        (['1\t"a" b'], 2, False),
        (['1\t"a"', "2\tb"], 2, False),
        (['1\t"a', '2\tb"'], 2, False),
        (['1\t"a'], 2, False),
        (['"a" b'], 1, False),
    ],
)
def test_quoted_or_not(window, width, quoted):
    assert is_quoted(window, width, ended=True) is quoted


def test_a_window_that_ends_within_a_field_says_nothing_of_it():
    assert is_quoted(['1\t"a\tb"', '2\t"c'], 2, ended=False)
    assert not is_quoted(['1\t"a"', '2\t"c'], 2, ended=False)
