"""SOQL: parsing, evaluating, and the REST resources that take it."""
