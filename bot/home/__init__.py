"""What people choose: in the bot's Home tab for themselves, in a form for a channel."""
