"""What schedules cost: days of writes for thousands of groups, by the engine's rules, against CRM quotas."""
