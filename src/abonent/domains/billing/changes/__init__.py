"""Prices that change for who has a tariff already."""
