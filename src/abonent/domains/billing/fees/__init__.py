"""Recurring fees: when they fall due, what becomes of them without money, what will be charged."""
