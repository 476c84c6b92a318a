"""The report of a volume simulation, and what --json prints of it."""
