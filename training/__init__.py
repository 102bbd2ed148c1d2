"""Rated answers in, adapters out."""
