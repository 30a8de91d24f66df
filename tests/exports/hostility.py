"""Broken documents: anything under the right keys, and valid ones with parts replaced, dropped or doubled."""

import copy
import json
import random
from contextlib import suppress

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from auditkit.errors import ExportError
from auditkit.exports import read

ODD = [
    None,
    True,
    -1,
    10**30,
    1.5,
    "",
    "\x1b[31m<script>",
    "arn:aws:x",
    [],
    {},
    [[]],
    {"a": None},
    "é" * 40,
    "{",
    "%7B",
]
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
anything = st.recursive(
    scalars | st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
)
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def withstood(path):
    """Read a file, and use everything that the inventory offers; or see it refused."""
    with suppress(ExportError):
        inventory = read(path)
        repr(inventory)
        inventory.coverage.frame()
        for kind in inventory.kinds:
            inventory.frame(kind)
        return inventory
    return None


def mutated(value, seed):
    """Replace, drop or double some parts of a JSON value."""
    choose = random.Random(seed)
    value = copy.deepcopy(value)
    for _ in range(choose.randrange(1, 5)):
        holders, waiting = [], [value]
        while waiting:
            item = waiting.pop()
            if isinstance(item, dict | list) and item:
                holders.append(item)
                waiting.extend(item.values() if isinstance(item, dict) else item)
        if not holders:
            return copy.deepcopy(choose.choice(ODD))
        holder = choose.choice(holders)
        key = choose.choice(sorted(holder)) if isinstance(holder, dict) else choose.randrange(len(holder))
        deed = choose.random()
        if deed < 0.2:
            del holder[key]
        elif deed < 0.3 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        elif deed < 0.4 and isinstance(holder[key], str):
            holder[key] = holder[key][: len(holder[key]) // 2]
        elif deed < 0.6:
            holder[key] = copy.deepcopy(choose.choice(holders))
        else:
            holder[key] = copy.deepcopy(choose.choice(ODD))
    return value


def written(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return path
