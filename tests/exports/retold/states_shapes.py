"""Properties of templates as attributes of Terraform's provider."""

import json
import re

WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
MAPS = {
    "Variables",
    "RequestParameters",
    "RequestModels",
    "Parameters",
    "IdentityPoolTags",
    "UserPoolTags",
    "Tags",
    "Roles",
}


def snake(value, **renames):
    """Return properties as attributes: objects are blocks, which are lists."""
    found = {}
    for key, item in value.items():
        name = renames.get(key, WORDS.sub("_", key).lower())
        if name and item not in (None, {}, []):
            found[name] = _shown(key, item)
    return found


def _shown(key, item):
    if key == "Tags" and isinstance(item, list):
        return {tag["Key"]: tag["Value"] for tag in item}
    if isinstance(item, dict):
        return item if key in MAPS else [snake(item)]
    if isinstance(item, list) and item and isinstance(item[0], dict):
        return [snake(one) for one in item]
    return item


def plain(kind, *documents, **renames):
    """Return a writer for a type whose attributes are its properties; documents are JSON as text."""

    def write(to, physical, arn, said):
        values = snake(said, **renames)
        for name in documents:
            key = next(key for key in said if renames.get(key, WORDS.sub("_", key).lower()) == name)
            values[name] = said[key] if isinstance(said[key], str) else json.dumps(said[key])
        if "tags" in values:
            values["tags_all"] = values["tags"]
        to.add(kind, physical, values | ({"arn": arn} if arn else {}))

    return write


def tagged(tags):
    found = {tag["Key"]: tag["Value"] for tag in tags}
    return {"tags": found, "tags_all": found}
