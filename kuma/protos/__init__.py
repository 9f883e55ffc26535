"""Kuma's protobuf messages, written by hand as `.proto` and generated with `deploy/protos`, and their codec."""
