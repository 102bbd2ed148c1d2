"""Decides which rated answers a night trains on, so that no single person steers it."""
