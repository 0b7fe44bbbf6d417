"""Word vectors in spaCy's vocabs and in gensim, and the files that they are judged by."""

from .gensim import from_gensim, to_gensim
from .vocabs import from_vocab, to_vocab

__all__ = ["from_gensim", "from_vocab", "to_gensim", "to_vocab"]
