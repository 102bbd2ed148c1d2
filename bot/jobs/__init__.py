"""The queue's jobs: taken, held while they are done, and ended."""
