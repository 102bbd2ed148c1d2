"""Whom the bot answers: lists of channels and people, and quotas."""
