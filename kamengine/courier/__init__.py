"""Arrow batches between SQLite files and the engine, by way of a process of its own."""
