"""Resources of an API written short: a relation covers by them what the evaluator does."""

import pytest

from auditkit.policy.logic import Truth
from auditkit.policy.matching import match_resource
from auditkit.policy.relation.patterns import Patterns
from tests.policy.cases import HOME

ONE, TWO = (f"arn:aws:execute-api:eu-west-1:{HOME}:{name}" for name in ("abc123", "xyz789"))
PATHS = sorted(
    f"{api}/{path}" for api in (ONE, TWO) for path in ("dev/GET/x", "prod/GET/dev/x", "prod/GET/x", "prod/POST/x")
)
OTHERS = [f"arn:aws:lambda:eu-west-1:{HOME}:function:prod/GET/x"]


@pytest.mark.parametrize(
    ("pattern", "ends"),
    [
        ("execute-api:/*", {"dev/GET/x", "prod/GET/dev/x", "prod/GET/x", "prod/POST/x"}),
        ("execute-api:/prod/GET/x", {"prod/GET/x"}),
        ("execute-api:/dev/*", {"dev/GET/x"}),
        ("execute-api:/GET/x", set()),
        ("execute-api:/*/GET/*", {"dev/GET/x", "prod/GET/dev/x", "prod/GET/x"}),
        ("execute-api:/prod/????/x", {"prod/POST/x"}),
    ],
)
def test_a_short_resource_is_about_each_api_from_its_stage_on(pattern: str, ends: set[str]) -> None:
    texts = [*PATHS, *OTHERS]
    found = Patterns([("execute-api", PATHS), ("lambda", OTHERS)]).covered(pattern)
    covered = {text for start, end in found for text in texts[start:end]}
    assert covered == {f"{api}/{end}" for api in (ONE, TWO) for end in ends}
    told = {
        text
        for text in texts
        if match_resource(pattern, text, variables=True, lookup=lambda _: None).truth is Truth.YES
    }
    assert covered == told
