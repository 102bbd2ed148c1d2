"""The Slack bot: it handles mentions, messages, ratings and /phi3-ingest."""
