"""Codes that people dial: menus, what is shown of the number, orders confirmed by a second press."""
