"""Where generated resources come from: places in a translated template as places in the one that it was made of.

The translator names what it makes after what it makes it of: function, then event, then a word for the purpose.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from auditkit.exports.cloudformation._identity import spelled
from auditkit.exports.cloudformation._translating import PREFIX
from auditkit.exports.cloudformation._values import escaped, steps_of

__all__ = ["Origins"]

_RENAMED = {"Body": "DefinitionBody", "DeadLetterConfig": "DeadLetterQueue", "TracingConfig": "Tracing"}
_PATH = 6
"""Steps to a path of a definition: Resources, api, Properties, Body, paths, path."""
_IMPLICIT = {"Api": "ServerlessRestApi", "HttpApi": "ServerlessHttpApi"}
"""What the API of events that name none is called, by their type."""


class Origins:
    """Finds places in the template before translation.

    Parameters
    ----------
    template
        That template.
    """

    def __init__(self, template: Mapping[str, Any]) -> None:
        resources = template.get("Resources")
        self._resources: dict[str, Any] = resources if isinstance(resources, dict) else {}
        self._made = sorted(
            (
                name
                for name, one in self._resources.items()
                if isinstance(one, dict) and str(one.get("Type")).startswith(PREFIX)
            ),
            key=lambda name: (-len(name), name),
        )
        self._routes: dict[tuple[str, ...], str] = {}
        for route, place in self._events_of_routes():
            for end in range(1, len(route) + 1):  # the route, its path, its API: the first event that makes one
                self._routes.setdefault(route[:end], place)

    def event_type(self, logical: str) -> str:
        """Return the type of the event that a generated resource was made of, ``""`` for any other."""
        steps = steps_of(self._of_generated(logical, [])) if logical not in self._resources else []
        if len(steps) < 5 or steps[3] != "Events":  # noqa: PLR2004 -- Resources, function, Properties, Events, event
            return ""
        event = self._events(self._resources[steps[1]]).get(steps[4])
        return spelled(event.get("Type")) if isinstance(event, dict) else ""

    def place(self, pointer: str) -> str:
        """Return the place that a place in the translated template comes from."""
        steps = steps_of(pointer)
        if len(steps) < 2 or steps[0] != "Resources":  # noqa: PLR2004 -- the section and a logical id
            return pointer
        logical = steps[1]
        if len(steps) >= _PATH and steps[2:5] == ["Properties", "Body", "paths"]:
            method = steps[_PATH].lower() if len(steps) > _PATH and not steps[_PATH].startswith("Fn::") else ""
            event = self._routes.get((logical, steps[5], method) if method else (logical, steps[5]))
            if event:
                return event
        if logical in self._resources:
            if logical in self._made and len(steps) > 3:  # noqa: PLR2004 -- a property
                steps[3] = _RENAMED.get(steps[3], steps[3])
                if steps[3:5] == ["Code", "ZipFile"]:
                    steps[3:5] = ["InlineCode"]
            return "".join(f"/{escaped(step)}" for step in steps)
        return self._of_generated(logical, steps)

    def _of_generated(self, logical: str, steps: list[str]) -> str:
        for name in self._made:
            if not logical.startswith(name):
                continue
            base = f"/Resources/{escaped(name)}"
            event = self._event(name, logical.removeprefix(name))
            if event:
                return f"{base}/Properties/Events/{escaped(event)}"
            if len(steps) > 3 and steps[3] in {"Policies", "ManagedPolicyArns"}:  # noqa: PLR2004 -- a property
                return f"{base}/Properties/Policies"
            return base
        implicit = next((name for name in _IMPLICIT.values() if logical.startswith(name)), "")
        return self._routes.get((implicit,), "/Resources")

    def _event(self, name: str, rest: str) -> str:
        events = self._events(self._resources[name])
        return max((event for event in events if rest.startswith(event)), key=len, default="")

    @staticmethod
    def _events(resource: Mapping[str, Any]) -> dict[str, Any]:
        properties = resource.get("Properties")
        events = properties.get("Events") if isinstance(properties, dict) else None
        return events if isinstance(events, dict) else {}

    def _events_of_routes(self) -> Iterator[tuple[tuple[str, str, str], str]]:
        """Yield API, path and method of each route that an event makes, with the place of the event."""
        made = set(self._made)
        for name in (name for name in self._resources if name in made):
            for event, given in self._events(self._resources[name]).items():
                own = given.get("Properties") if isinstance(given, dict) else None
                kind = spelled(given.get("Type")) if isinstance(given, dict) else ""
                if not isinstance(own, dict) or kind not in _IMPLICIT:
                    continue
                api = own.get("RestApiId" if kind == "Api" else "ApiId")
                api = spelled(api.get("Ref")) if isinstance(api, dict) else spelled(api) or _IMPLICIT[kind]
                method = str(own.get("Method", "any")).lower()
                method = "x-amazon-apigateway-any-method" if method in {"any", "*"} else method
                place = f"/Resources/{escaped(name)}/Properties/Events/{escaped(event)}"
                path = own.get("Path")
                written = path.get("Fn::Sub") if isinstance(path, dict) else path
                yield (api, str(written), method), place
