"""A CRM in memory, and random histories of a sandbox that writes to it."""
