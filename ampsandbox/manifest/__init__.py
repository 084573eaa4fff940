"""From `amp.yaml` to a `Manifest`: reading with positions, dialects, rules, and what is made from it."""
