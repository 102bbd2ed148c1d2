"""Slack itself as a source: channels and threads become documents."""
