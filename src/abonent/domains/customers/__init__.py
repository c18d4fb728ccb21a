"""Parties and the contracts they signed."""
