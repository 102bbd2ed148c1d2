"""What pages need that is not in records, knowledge or serving; cli/console_parts.py gives it."""
