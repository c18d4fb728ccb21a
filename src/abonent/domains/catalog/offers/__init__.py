"""Service offers."""
