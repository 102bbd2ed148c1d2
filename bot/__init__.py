"""Slack in, Slack out: mentions, messages, thumbs and /phi3-ingest."""
