"""Tells which questions mean the same, by their question words and the words that carry meaning."""
