"""Exceptions raised by auditkit.

The tree, all below :class:`AuditkitError`::

    AuditkitError
    ├── CollectError     an account cannot be asked, or what it says cannot be kept
    ├── ExportError      an export cannot be read (message names file and place)
    ├── PolicyError      a policy document or a request cannot be understood
    ├── GraphError       a graph lacks a node, an edge or an attribute that was asked for
    ├── ScoreError       weights, costs or levels outside their range
    └── DrawError        a picture cannot be drawn
"""

__all__ = ["AuditkitError", "CollectError", "DrawError", "ExportError", "GraphError", "PolicyError", "ScoreError"]


class AuditkitError(Exception):
    """Base of every error that auditkit raises on purpose."""


class CollectError(AuditkitError):
    """An account cannot be asked, or what it says cannot be kept."""


class ExportError(AuditkitError):
    """An export, or a part of one, cannot be read."""


class PolicyError(AuditkitError):
    """A policy document or a request cannot be understood."""


class GraphError(AuditkitError):
    """A graph lacks a node, an edge or an attribute that was asked for."""


class ScoreError(AuditkitError):
    """A weight, a cost or a level is outside its range."""


class DrawError(AuditkitError):
    """A picture cannot be drawn."""
