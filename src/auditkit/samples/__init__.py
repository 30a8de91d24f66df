"""Accounts of fictional businesses to learn, try and test with; what is wrong with each is known."""

from auditkit.samples.folder import key, load, names, path

__all__ = ["key", "load", "names", "path"]
