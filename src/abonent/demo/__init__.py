"""A fictional operator: catalogue, people, traffic, and the phone on screen."""
