"""The command `poreline`."""
