"""The pytest plugin: fixtures that give a test a sandbox of its own."""
