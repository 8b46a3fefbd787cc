"""What an audit says: one model, and one module for each way to show it. None knows a check by name."""
