"""Code packages: zips of functions and layers, opened and never executed."""

from auditkit.exports.packages.purls import canonical_purl, purl_of

__all__ = ["canonical_purl", "purl_of"]
