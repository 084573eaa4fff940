"""The Metadata API: custom objects, fields, permissions, record types and validation rules over SOAP."""
