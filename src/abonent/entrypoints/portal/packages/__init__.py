"""Packages: what is left of each, more to buy, something of one's own for another number."""
