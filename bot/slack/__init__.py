"""How the bot talks to Slack: its Web API, events, connections, and the people and places there."""
