"""Longer words that hold a term of the library and may be something else, from a corpus, for a person to read."""
