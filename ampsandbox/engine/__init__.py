"""The write path without a screen, a socket or a CRM: installations, operations, batches, deliveries."""
