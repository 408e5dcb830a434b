"""The event log: what it takes in, how it keeps it, and how anybody can check it."""
