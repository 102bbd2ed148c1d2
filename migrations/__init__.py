"""The database, step by step. Each revision has one intent."""
