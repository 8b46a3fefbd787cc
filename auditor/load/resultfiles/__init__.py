"""Files that say how a model did on each example, in the formats of the tools that write them."""
