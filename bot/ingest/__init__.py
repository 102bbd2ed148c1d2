"""Requests about documents, and the reports on them."""
