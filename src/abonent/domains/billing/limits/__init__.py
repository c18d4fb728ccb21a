"""Spending limits of a month."""
