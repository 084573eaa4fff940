"""Ampersand's API of today below `/v1`: thin adapters over the service, one module a resource."""
