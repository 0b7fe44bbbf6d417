import pytest

from salience.errors import RangeError
from salience.training.evaluation import spearman
from spacy_salience.evaluation import evaluate_tasks, model_of, read_tasks
from spacy_salience.texts import FileError

from .conftest import cosine, letters, table

HEADER = ("sentence1", "sentence2", "score")
ROWS = [("the cat", "the dog", 1), ("a house", "a house", 5), ("bad", "bead", 2)]


def test_figures_come_by_the_names_of_the_tasks(tmp_path):
    one = table(tmp_path / "1.tsv", HEADER, *ROWS)
    two = table(tmp_path / "2.tsv", HEADER, *ROWS[::2], ("a", "a", 5))
    found = evaluate_tasks(letters, read_tasks([f"sts={one}", f"sts={two}"]))
    assert list(found) == [f"sts={one}", f"sts={two}"]
    cosines = [cosine(a, b) for a, b, _ in [ROWS[0], ROWS[2]]]
    assert cosines[0] < cosines[1] < 1
    assert found[f"sts={two}"] == {"Spearman": pytest.approx(1)}


def test_a_model_s_similarity_is_that_of_its_documents(tmp_path, model_file, nlp):
    model = model_of(str(model_file))
    (read,) = read_tasks([f"sts={table(tmp_path / '1.tsv', HEADER, *ROWS)}"])
    similar = [nlp(a).similarity(nlp(b)) for a, b, _ in ROWS]
    (found,) = evaluate_tasks(model.encode, [read]).values()
    assert model.encode(["the cat", ""]).shape == (2, 16)
    assert found["Spearman"] == spearman(similar, [score for *_, score in ROWS])


@pytest.mark.parametrize(
    "given", ["sts", "sts=", "=a.tsv", "song=a.tsv", "sts=a.tsv,b.tsv", "classify=a,b,c", ""]
)
def test_what_is_no_task_is_refused(given):
    with pytest.raises(RangeError, match=r"^evaluate: expected TASK=FILE, .*sts, words.* got '"):
        read_tasks([given])


def test_all_files_are_read_before_a_model_runs(tmp_path):
    one = table(tmp_path / "1.tsv", HEADER, *ROWS)
    with pytest.raises(FileError, match=r"none\.tsv: expected a UTF-8 text file"):
        read_tasks([f"sts={one}", f"words={tmp_path / 'none.tsv'}"])
    with pytest.raises(RangeError, match="got one twice"):
        read_tasks([f"sts={one}"] * 2)
    with pytest.raises(RangeError, match=r"^evaluate: k must be a whole number >= 1, got 0"):
        read_tasks([f"sts={one}"], 0)
