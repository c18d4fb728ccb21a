"""Charges that customers do not agree with."""
