"""Calls of a line are barred, behind a PIN."""
