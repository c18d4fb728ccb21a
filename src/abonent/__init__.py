"""Abonent: the self-care platform of a telecom group."""
