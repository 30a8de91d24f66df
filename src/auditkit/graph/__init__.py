"""The graph of an account: inventory and permissions as one ``networkx.MultiDiGraph``."""
