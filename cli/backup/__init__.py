"""A copy of everything that a deployment knows in one file, and a deployment from such a file."""
