"""The User Interface API as far as clients read the schema through it: object info and pick list values."""
