"""Answers in Slack: shown as they are written, exactly once, with their sources."""
