"""The home page: what is left, what it costs and when, where the money went."""
