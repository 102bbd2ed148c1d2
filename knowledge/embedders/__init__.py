"""Embed texts: with a model on this machine, or with an OpenAI-compatible embeddings server.

Nothing is imported here: each embedder has libraries of its own, and those of one take seconds.
"""
