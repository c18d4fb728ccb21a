"""The phone on screen: what a handset would show. For the demo only."""
