"""The SOAP APIs: the partner API and the Metadata API."""
