"""A line gets another number."""
