"""Signing in by OAuth 2.0: tokens, the consent page, and who is signed in."""
