"""The relation of an account, by interval compilation: all principals, all targets, all tracked actions at once."""

from auditkit.policy.relation.relation import PairMasks, Relation, compile_relation

__all__ = ["PairMasks", "Relation", "compile_relation"]
