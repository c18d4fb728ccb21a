"""Numbers that change their operator: brought to us (port-in), taken to another (port-out), each with its trace."""
