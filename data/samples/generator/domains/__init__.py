"""The business, one module per domain."""
