"""Money from one subscriber to another."""
