"""What is checked. One module per check; nothing here knows the command line, the policy or the report."""
