"""Questions: which messages are some, what was said before them, and how each gets one answer."""
