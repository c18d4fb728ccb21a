"""The operator's network of the demo: what this browser is behind, the gateway between, and a program that switches
services for lines and, on demand, is slow, refuses, forgets or is down.
"""
