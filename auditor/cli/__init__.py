"""The command line: each command parses, calls, prints and exits; there is no logic here."""
