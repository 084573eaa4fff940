"""The SOAP side of Salesforce: the envelope that its APIs share, and the partner API's sign-in."""
