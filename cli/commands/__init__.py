"""The `phi3` commands, one file a topic; each imports what it needs when it runs."""
