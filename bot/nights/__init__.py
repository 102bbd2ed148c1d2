"""What the nights make: their reports in Slack, and what admins decide about adapters."""
