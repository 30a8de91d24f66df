"""Collecting an account through boto3 into a folder of API JSON files, as :mod:`auditkit.exports` reads them."""

from auditkit.collect.walk import collect

__all__ = ["collect"]
