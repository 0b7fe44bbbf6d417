"""Salience, attention and similarity as text, HTML and PNG."""
