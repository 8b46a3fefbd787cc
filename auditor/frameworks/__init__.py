"""Decision frameworks: what the source articles say about whether to fine-tune, as data, and one small evaluator.

`Framework` and `load_frameworks` are in `auditor.frameworks.loading`, `evaluate` in `auditor.frameworks.evaluate`.
"""
