"""What to label next: how much, what it costs, in which order, and from whom."""
