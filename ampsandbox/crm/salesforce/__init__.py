"""The Salesforce client: REST, sObject Collections, Bulk API 2.0 and the SOAP Metadata API."""
