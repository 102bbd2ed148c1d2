"""Prompts in, tokens out: the model server and its client."""
