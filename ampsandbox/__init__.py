"""Try out an Ampersand integration on this machine: its prompts, write endpoints, batches and CRM records."""

__version__ = "0.1.0"
