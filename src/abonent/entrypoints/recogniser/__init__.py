"""The listener behind the operator's gateway: the only one that hears who the network says is there."""
