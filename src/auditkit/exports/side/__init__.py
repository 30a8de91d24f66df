"""Side inputs: logs, traces, metrics and scans, which are evidence of use and of weaknesses, and grant nothing.

Each module reads one kind of them and knows nothing of the others. :class:`SideInputs` finds out which of them a file
is, by its name where that says so and by its first keys otherwise.
"""

from auditkit.exports.side._inputs import SideInputs

__all__ = ["SideInputs"]
