"""The consoles of staff: contact centre, shop, supervisors, engineers."""
