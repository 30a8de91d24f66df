"""AWS Config: snapshots, histories, and the results of its queries."""

from auditkit.exports.config._reader import is_config, read_config

__all__ = ["is_config", "read_config"]
