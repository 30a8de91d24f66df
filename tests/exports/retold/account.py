"""The account of the sample, as the answers of the API say it: what the other formats are written from.

What the collector left of values is made whole again: names by their digest, addresses by their host.
"""

import hashlib
import json
import re
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

FOLDER = Path(__file__).parents[3] / "data/samples/retailer"
ACCOUNT = "111122223333"
REGIONS = ("eu-west-1", "us-east-1")
HOME = "eu-west-1"
"""Region whose stack, state or recorder has what is global."""
SECRETS = {
    "AWS access key id": "AKIAIOSFODNN7EXAMPLE",
    "dense text like a key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}


def texts(value):
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value
        yield from re.split(r"[:/,\"' ]", value)
    else:
        yield str(value)


class Account:
    """The answers, by call."""

    def __init__(self, folder=FOLDER):
        self.answers = {}
        for path in sorted(folder.glob("*/*/**/*.json")):
            account, region, call, *rest = path.relative_to(folder).parts
            assert account == ACCOUNT
            argument = unquote(rest[0].removesuffix(".json")) if rest else ""
            answer = json.loads(path.read_text())
            if "Error" not in answer:
                self.answers.setdefault(call.removesuffix(".json"), {})[region, argument] = answer

    def each(self, call, key=None):
        """Yield region, argument and answer of a call; with a key each item of the list under it."""
        for (region, argument), answer in self.answers.get(call, {}).items():
            if key is None:
                yield region, argument, self.whole(answer)
            else:
                for item in answer.get(key) or []:
                    yield region, argument, self.whole(item)

    def one(self, call, region, argument):
        return self.whole(self.answers.get(call, {}).get((region, argument), {}))

    @cached_property
    def tags(self):
        """Tags by ARN, as the tagging API has them."""
        listed = self.each("resourcegroupstaggingapi-get-resources", "ResourceTagMappingList")
        return {one["ResourceARN"]: one["Tags"] for _, _, one in listed}

    @cached_property
    def _by_digest(self):
        found = {text for answers in self.answers.values() for answer in answers.values() for text in texts(answer)}
        return {hashlib.sha256(text.encode()).hexdigest()[:16]: text for text in sorted(found)}

    def whole(self, value):
        if isinstance(value, list):
            return [self.whole(item) for item in value]
        if not isinstance(value, dict):
            return value
        if {"length", "sha256", "secret"} <= value.keys():
            return self._value(value)
        return {key: self.whole(item) for key, item in value.items()}

    def _value(self, left):
        if left["sha256"] in self._by_digest:
            return self._by_digest[left["sha256"]]
        if "host" in left:
            user = "someone:Vq8xZ2pL@" if left["secret"] else ""
            return f"{left['scheme']}://{user}{left['host']}{':' + str(left['port']) if 'port' in left else ''}/x"
        return SECRETS.get(left.get("reason"), "Qm7tKz4vXw9c" if left["secret"] else "something")


def document(text):
    """Return a policy document that an answer has as text."""
    return json.loads(text) if isinstance(text, str) else text


def tagged(answer):
    return [{"Key": key, "Value": value} for key, value in sorted((answer or {}).items())]


def only(value, *names):
    """Return some members of an object, those that it has."""
    return {name: value[name] for name in names if value.get(name) not in (None, "", [], {})}


def pascal(value):
    """Return an object with members of API Gateway's, Logs' or IoT's spelling spelled as templates spell them."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: pascal(item) for key, item in value.items()}
    return [pascal(item) for item in value] if isinstance(value, list) else value
