"""Measuring the speed against our own server: the page, the pieces, results."""
