"""Looking a pack over: what is wrong with it, how to mend it, and how far it can be trusted."""
