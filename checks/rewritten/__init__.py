"""Rewritten eval items: how texts that ask the same in other words are found without a model."""
