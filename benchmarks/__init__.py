"""Speed and memory, measured beside the limit; ``make bench`` runs it all."""
