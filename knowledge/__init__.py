"""Reads documents, indexes them as passages, and searches them."""
