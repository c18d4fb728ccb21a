"""Connections served: a number or login, its tariff over time, and which account may see it."""
