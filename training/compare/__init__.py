"""Compares what searching and what an adapter are worth, on questions with known answers."""
