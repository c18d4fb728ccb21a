"""A line gets another SIM."""
