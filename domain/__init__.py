"""The types that all packages share, the prompt, and answering; uses the standard library only."""
