"""The model server, which generates answers, and its client."""
