"""Whether this audit finds leaks in these data: leaks of known kinds are planted in memory and looked for."""
