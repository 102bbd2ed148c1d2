"""The words that every room speaks, the prompt, and the answering itself. Standard library only."""
