"""Foreign files become events: a mapping says how, row by row."""
