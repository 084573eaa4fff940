"""The HubSpot client: CRM objects, batches, properties and schemas, version 3 of its API."""
