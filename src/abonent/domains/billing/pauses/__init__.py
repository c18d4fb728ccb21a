"""Fees while a line is blocked by its owner's wish."""
