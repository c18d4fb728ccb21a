"""Families that share a package."""
