"""Stop words."""

from .conftest import words


def test_stop_words_are_known_by_their_norm(nlp):
    nlp.vocab["warm"].is_stop = True
    doc = nlp.make_doc("Hot cat")
    doc[0].norm_ = "warm"
    component = nlp.get_pipe("salience")
    assert words(component(doc)) == {"cat"}
