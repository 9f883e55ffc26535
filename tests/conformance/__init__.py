"""Cases with inputs and expected results, kept outside of this repository, run against the product."""
