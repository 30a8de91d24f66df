"""The order in which the domains are built."""

from data.samples.generator.account import Account
from data.samples.generator.domains import (
    analytics,
    artifacts,
    catalogue,
    edge,
    fulfilment,
    identity,
    legacy,
    loyalty,
    marketing,
    media,
    messages,
    network,
    ops,
    orders,
    organization,
    payments,
    people,
    relations,
    returns,
    shop,
    shops,
    support,
)

DOMAINS = (
    organization,
    network,
    artifacts,
    identity,
    shop,
    catalogue,
    orders,
    payments,
    fulfilment,
    messages,
    returns,
    relations,
    loyalty,
    marketing,
    media,
    analytics,
    shops,
    ops,
    legacy,
    support,
    people,
    edge,
)


def build(account: Account) -> None:
    """Build the whole business."""
    for domain in DOMAINS:
        domain.build(account)
