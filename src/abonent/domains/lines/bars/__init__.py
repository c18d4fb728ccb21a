"""What keeps a line from being served, and why."""
