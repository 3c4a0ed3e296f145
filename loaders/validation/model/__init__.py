"""Values of validation: inputs, batches of rows, string columns, rules and their violations."""
