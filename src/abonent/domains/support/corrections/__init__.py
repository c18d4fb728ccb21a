"""Money that staff move for a customer, by two."""
