"""Collecting an account through boto3 into a folder of API JSON files, as :mod:`auditkit.exports` reads them."""

from auditkit.collect.extras import CALLS, Extra
from auditkit.collect.permissions import policy
from auditkit.collect.plan import PlannedCall, plan
from auditkit.collect.run import Collection, collect_accounts
from auditkit.collect.sessions import Access
from auditkit.collect.walk import collect

__all__ = ["CALLS", "Access", "Collection", "Extra", "PlannedCall", "collect", "collect_accounts", "plan", "policy"]
