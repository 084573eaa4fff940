"""The Tooling API: custom fields and objects over REST, and queries over what the org consists of."""
