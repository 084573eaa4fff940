"""SOSL: `FIND {…} IN … FIELDS RETURNING …` over the objects of an org."""
