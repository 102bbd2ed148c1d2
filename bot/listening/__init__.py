"""Bolt's listeners by what they hear: each stores what must not be lost, then acknowledges."""
