"""Envoy's vocabulary, and builders of what we say in it."""
