"""A mock of HubSpot that client libraries accept unmodified."""
