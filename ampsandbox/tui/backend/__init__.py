"""What the screen asks of a running sandbox, and how it gets it."""
