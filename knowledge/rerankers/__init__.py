"""Score passages for a question: with a cross-encoder on this machine, or with a server.

Nothing is imported here: each has libraries of its own, and those of one take seconds.
"""
