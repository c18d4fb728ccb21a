"""Calls of a line go elsewhere."""
