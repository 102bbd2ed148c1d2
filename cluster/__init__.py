"""The same work on many machines: bulk ingest, training and serving on Ray."""
