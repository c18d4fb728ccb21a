"""Numbers that nobody uses."""
