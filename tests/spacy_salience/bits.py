"""Write the digests of what has the same bits on every kind of processor; see test_same_bits."""

import hashlib
import sys

import numpy as np
import spacy
from thinc.api import fix_random_seed

from spacy_salience import similarity, vector_of

TEXTS = ["the cat sat on the mat , and a dog barked at it .", "a stock fell .", "word " * 300]
LEARNS = {"model": {"@architectures": "salience.Encoder.v1", "width": 32, "rank": 8}}


def digest(arrays):
    total = hashlib.sha256()
    for array in arrays:
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()[:16]


for config in ({}, LEARNS):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config=config)
    if config:
        nlp.initialize()
    docs = list(nlp.pipe(TEXTS))
    spans = [doc[1:200] for doc in docs]
    for arrays in (
        [doc.tensor for doc in docs],
        [doc._.salience for doc in docs],
        [doc._.attention for doc in docs],
        [doc.vector for doc in docs],
        [doc.vector_norm for doc in docs],
        [vector_of(span) for span in spans],
        [similarity(docs[0], span) for span in spans],
    ):
        sys.stdout.write(f"{digest(arrays)}\n")
