"""Code packages: zips of functions and layers, opened and never executed.

Which packages of which ecosystem they bring along is told by manifests, lock files and the files of installed packages;
what their text mentions (hosts, ARNs, names of stores) becomes evidence too.
"""

from auditkit.exports.packages._collection import CodePackages

__all__ = ["CodePackages"]
