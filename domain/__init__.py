"""The words that every package shares, the prompt, and the answering itself. Standard library only."""
