"""HTTP in front of the engine: write endpoints, control API, OpenAPI, and the thread they run in."""
