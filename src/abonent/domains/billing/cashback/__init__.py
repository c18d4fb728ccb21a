"""Purchases at partners bring money."""
