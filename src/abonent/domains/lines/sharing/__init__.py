"""Lines that others see."""
