"""What can be done with a running sandbox: one method an operation, for every front alike."""
