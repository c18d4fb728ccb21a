"""The family that shares a package: who takes from it, how much, on what terms."""
