"""A mock of Salesforce that client libraries accept unmodified."""
