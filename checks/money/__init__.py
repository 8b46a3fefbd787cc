"""Money and time as formulas of the articles: ranges in, ranges out. No check, no data; `auditor plan` uses it, too."""
