"""The statement of a line."""
