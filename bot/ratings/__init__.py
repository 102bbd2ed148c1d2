"""Ratings: what people say of answers, and whose word counts."""
