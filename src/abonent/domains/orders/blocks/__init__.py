"""A line is blocked by its owner's wish."""
