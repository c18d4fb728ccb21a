"""The entry menu: what the operator offers, and the lines of somebody signed in."""
