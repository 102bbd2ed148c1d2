"""The words that all packages share, the prompt and the answering itself; standard library only."""
