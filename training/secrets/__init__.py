"""Finds secrets and personal data in what would be trained on or shown in a report."""
