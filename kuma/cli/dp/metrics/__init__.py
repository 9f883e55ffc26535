"""Metrics of one proxy: Envoy's, its applications' and kuma-dp's own, gathered whenever somebody asks for them."""
