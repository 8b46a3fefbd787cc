"""What tells where training rows come from: the words of a column, and what the answers say of themselves."""
