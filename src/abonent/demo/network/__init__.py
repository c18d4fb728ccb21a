"""The operator's network of the demo: which phone or home line this browser is behind, and the gateway between."""
