"""What the checks that compare texts share: words, n-grams, MinHash, containment, alignment and clusters."""
