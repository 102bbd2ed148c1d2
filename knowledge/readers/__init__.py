"""Readers of documents, one file a format: bytes in, blocks out."""
