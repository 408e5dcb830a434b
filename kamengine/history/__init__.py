"""What was applied when: definitions and config as events, and the questions they allow."""
