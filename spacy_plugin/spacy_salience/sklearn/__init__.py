"""Texts to features in scikit-learn, with the extra `sklearn`."""

from .vectorizer import SalienceVectorizer

__all__ = ["SalienceVectorizer"]
