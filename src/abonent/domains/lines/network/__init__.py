"""What the network says about numbers."""
