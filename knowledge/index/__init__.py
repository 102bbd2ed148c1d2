"""The indexes that keep passages: LanceDB, Weaviate, and what both share."""
