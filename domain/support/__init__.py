"""Compares each sentence of an answer with the passages, and finds those that nothing supports.

``check`` is the way in. A sentence is compared by its words, and strictly by what a small change
makes false: its numbers with their units, its names, and its negation.
"""
