"""Several workspaces that installed one app: their tokens, and a bot for each."""
