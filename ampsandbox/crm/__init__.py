"""Clients of Salesforce and HubSpot over HTTP, the same for a mock org and for a real one."""
