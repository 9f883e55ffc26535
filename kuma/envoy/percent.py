"""Shares of requests, as Envoy counts them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

DENOMINATORS = {"HUNDRED": 100, "TEN_THOUSAND": 10_000, "MILLION": 1_000_000}


def fractional(percent: Fraction) -> dict[str, Any]:
    """A percentage, with the coarsest denominator that can say it; else rounded to millionths."""
    for name, parts in DENOMINATORS.items():
        numerator = percent * parts / 100
        if numerator.denominator == 1:
            return {"numerator": int(numerator), "denominator": name}
    return {"numerator": round(percent * 10_000), "denominator": "MILLION"}
