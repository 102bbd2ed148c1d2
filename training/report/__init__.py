"""A night's report: a page for people, a picture for Slack, and the data that both are made from.

The page is made from the data alone, so that it can be made again when something is forgotten.
"""
