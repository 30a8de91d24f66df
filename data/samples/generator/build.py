"""The order in which the domains are built."""

from data.samples.generator.account import Account
from data.samples.generator.domains import identity, media, network, orders, payments, shop

DOMAINS = (network, identity, shop, orders, payments, media)


def build(account: Account) -> None:
    """Build the whole business."""
    for domain in DOMAINS:
        domain.build(account)
