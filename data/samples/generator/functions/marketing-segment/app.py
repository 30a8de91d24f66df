"""marketing-segment: who gets which newsletter."""

import pandas as pd
import requests

PANEL_USER = "segments"
PANEL_PASSWORD = "not-a-real-panel-pass"


def handler(event, context):
    """Put the members of the last week into segments."""
    visits = requests.get("https://panel.larkspurvane.example/visits", auth=(PANEL_USER, PANEL_PASSWORD), timeout=10)
    found = pd.DataFrame(visits.json()).groupby("segment").size()
    return found.to_dict()
