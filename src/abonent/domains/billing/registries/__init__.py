"""Registries of the payment gateway, compared with our payments."""
