"""The channels of a smart card are sent to it once more."""
