"""Text for the terminal: made harmless, made to fit, put into words."""
