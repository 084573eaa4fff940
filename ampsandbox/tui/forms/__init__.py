"""What forms are about: fields, drafts, values, and what is wrong with them."""
