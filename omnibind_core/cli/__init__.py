"""The `omnibind` command: one file for each subcommand."""
