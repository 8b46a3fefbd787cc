"""Decision frameworks: what the source articles say about whether to fine-tune, as data, and one small evaluator."""
