"""Blocking of numbers: by the owner's wish, and of a phone that is lost."""
