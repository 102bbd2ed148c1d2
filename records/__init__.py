"""The SQL database: questions, answers, ratings, jobs, sources, adapters and runs."""
