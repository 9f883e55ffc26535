"""Both ends of the sync between the global control plane and its zones: streams, the store behind them, insights."""
