"""A tagger's pipeline in words a second: our encoder that learns, beside spaCy's own."""

from functools import cache

import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import minibatch
from thinc.api import fix_random_seed

from .common import Benchmark, per_second, pin, texts
from .learners import PEER

DOCUMENTS = 256
BATCH = 32
"""Documents an update learns from: about a thousand words, as in spaCy's quickstart."""

MODELS = {
    "salience": {"@architectures": "salience.Encoder.v1", "width": 128, "words": "en_small"},
    "spacy": PEER,
}


class Tagger(Benchmark):
    """The peer is HashEmbedCNN.v2 as spaCy sets it up, which has no threads of its own."""

    params = (("salience", "spacy"), (1, 2))
    param_names = ("encoder", "threads")
    unit = "words/s"

    def setup(self, encoder, threads):
        pin(threads)
        self.nlp, self.examples, self.optimizer = learner(encoder)
        self.texts = texts(DOCUMENTS)
        self.words = sum(len(each.x) for each in self.examples)
        self.update()

    def teardown(self, *_):
        pin()

    def track_update(self, *_):
        return per_second(self.words, self.update)

    def track_encoder(self, *_):
        docs, encode = [each.x for each in self.examples], self.nlp.get_pipe("tok2vec").predict
        return per_second(self.words, lambda: encode(docs))

    def track_pipeline(self, *_):
        return per_second(self.words, lambda: list(self.nlp.pipe(self.texts, batch_size=BATCH)))

    def update(self):
        for batch in minibatch(self.examples, BATCH):
            self.nlp.update(batch, sgd=self.optimizer, drop=0.1)


@cache
def learner(encoder):
    """A pipeline that learns a tag for each shape of word, which is enough to be kept busy."""
    nlp = spacy.blank("en")
    factory = {"salience": "salience", "spacy": "tok2vec"}[encoder]
    nlp.add_pipe(factory, name="tok2vec", config={"model": MODELS[encoder]})
    width = MODELS[encoder]["width"]
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": width, "upstream": "*"}
    nlp.add_pipe(
        "tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": listener}}
    )
    examples = [labelled(nlp.make_doc(text)) for text in texts(DOCUMENTS)]
    fix_random_seed(0)
    return nlp, examples, nlp.initialize(lambda: examples)


def labelled(doc):
    gold = Doc(doc.vocab, words=[token.text for token in doc], tags=[each.shape_ for each in doc])
    return Example(doc, gold)
