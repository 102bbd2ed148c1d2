"""The `phi3` commands, one file for each topic; a command imports what it needs when it runs."""
