"""A number is taken from us to another operator."""
