"""From the user's files to canonical rows: find, read, recognise the format, store."""
