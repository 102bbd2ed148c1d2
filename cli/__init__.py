"""The ``phi3`` commands, the settings, and the wiring."""
