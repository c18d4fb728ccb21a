"""Promised payments: a small sum lent on dated terms."""
