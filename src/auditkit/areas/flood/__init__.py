"""Denial of wallet: what flooding an entry can cost an hour, by the limits that are set."""

from auditkit.areas.flood.columns import WALLET_ACCOUNT_COLUMNS, WALLET_COLUMNS, WALLET_FUNCTION_COLUMNS
from auditkit.areas.flood.frames import Wallet, wallet

__all__ = ["WALLET_ACCOUNT_COLUMNS", "WALLET_COLUMNS", "WALLET_FUNCTION_COLUMNS", "Wallet", "wallet"]
