"""What checks of labels share: judgements, classes, rates of wrong labels, and the statistics behind them."""
