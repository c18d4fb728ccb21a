"""Technicians who come."""
