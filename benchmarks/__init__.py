"""What things cost, measured: nothing here is needed to run a control plane."""
