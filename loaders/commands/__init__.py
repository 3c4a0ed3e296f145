"""Commands of `huimin`: options in, tables and exit codes out."""
