"""Write docs/collector-policy.json, the least that `auditkit collect` needs: python scripts/collector_policy.py."""

import json
from pathlib import Path

from auditkit.collect import policy
from auditkit.exports.calls import api_calls

text = json.dumps(policy(api_calls()), indent=2) + "\n"
(Path(__file__).resolve().parent.parent / "docs" / "collector-policy.json").write_text(text, encoding="utf-8")
