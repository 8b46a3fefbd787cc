"""Batches of rows: for a proof of concept, or to be labelled."""
