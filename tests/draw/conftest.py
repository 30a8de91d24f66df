"""The order platform, for every test of pictures."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import orderplatform


@pytest.fixture
def platform():
    return orderplatform.platform()


@pytest.fixture
def weakness(platform):
    return orderplatform.weakness(platform)
