"""Money that staff put right."""
