"""The SQL memory: questions, answers, ratings, sources, adapters and runs."""
