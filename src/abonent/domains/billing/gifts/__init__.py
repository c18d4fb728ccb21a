"""Data and minutes given to another number."""
