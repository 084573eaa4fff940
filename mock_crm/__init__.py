"""Salesforce and HubSpot on this machine: mock CRMs that speak the wire formats of the real ones."""
