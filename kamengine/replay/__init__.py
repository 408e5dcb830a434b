"""From the log to values: what depends on what, what is stale, and making it so."""
