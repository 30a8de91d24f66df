"""Accounts of fictional businesses to learn, try and test with; what is wrong with each is known."""

from auditkit.samples.folder import advisories, key, load, names, path

__all__ = ["advisories", "key", "load", "names", "path"]
