"""The Bulk APIs: 2.0 ingest and query jobs, and 1.0 jobs of batches in CSV, JSON and XML."""
