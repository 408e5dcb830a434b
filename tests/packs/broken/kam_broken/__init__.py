"""Each module is a pack that is broken in a way of its own."""
