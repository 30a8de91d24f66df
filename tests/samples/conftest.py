import subprocess
import sys
from pathlib import Path

import pytest

from auditkit import samples

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def retailer():
    return samples.load("retailer")


@pytest.fixture(scope="session")
def by_hand(tmp_path_factory):
    """The sample built in a moto server and exported over HTTP by plain boto3 calls."""
    out = tmp_path_factory.mktemp("by-hand")
    script = Path(__file__).with_name("export_by_hand.py")
    made = subprocess.run([sys.executable, script, out], cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr[-4000:]
    return out
