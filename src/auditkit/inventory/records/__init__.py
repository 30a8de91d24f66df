"""Typed records, one class per kind, grouped by family of services."""

__all__: list[str] = []
