"""Review sheets: rows that a person judges again, and what comes back."""
