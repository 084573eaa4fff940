"""What can be done on the screen, by subject, and the keys for it."""
