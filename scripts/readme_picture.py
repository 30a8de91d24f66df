"""Draw the picture that README.md shows, from the sample account: python scripts/readme_picture.py."""

from pathlib import Path

import auditkit as ak

audit = ak.Audit(ak.samples.load("retailer"))
picture = ak.plot_overview(audit.graph, weakness=audit.weakness, title="A retailer's serverless account")
picture.save(Path(__file__).resolve().parent.parent / "docs" / "overview.png", dpi=80)
