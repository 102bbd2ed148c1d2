"""Answers for one person: asked for so, moved into a direct message, and shared again."""
