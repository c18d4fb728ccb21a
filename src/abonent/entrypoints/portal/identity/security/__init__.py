"""The security page: history, devices, what changed, export, erasure, the cabinet off and on."""
