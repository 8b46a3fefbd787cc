"""What the results of models on the same examples say of each other."""
