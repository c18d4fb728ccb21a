"""What a subscriber changes is an order: placed, held, done by the network, paid; each with its trace and an undo."""
