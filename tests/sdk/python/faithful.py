"""Compares JSON with the official SDK's models: every key known, every type right, every enumeration value known.

The SDK itself is lenient (an unknown value becomes `outdated_sdk_version`, an unknown key is dropped), so that what the
simulator invents would go unnoticed if only the values were looked at that a test happens to use.
"""

import re
from datetime import datetime

import PureCloudPlatformClientV2 as sdk

_PRIMITIVES = {"str": str, "bool": bool, "int": int, "float": (int, float), "datetime": str, "date": str, "object": object}


class _Body:
    """What the SDK's own deserialiser wants to see of an HTTP answer."""

    def __init__(self, text):
        self.data = text

    def getheader(self, _name):
        return "application/json"


def read(client, text, kind):
    """Reads JSON text into the named model with the SDK's own deserialiser."""
    return client.deserialize(_Body(text), kind)


def problems(value, kind, path="$"):
    """Where `value`, parsed JSON, does not fit the model `kind`. An empty list is how it should be."""
    listed = re.fullmatch(r"list\[(.*)\]", kind)
    if listed:
        if not isinstance(value, list):
            return [f"{path}: not a list but {value!r}"]
        return [each for index, item in enumerate(value) for each in problems(item, listed[1], f"{path}[{index}]")]
    mapped = re.fullmatch(r"dict\(([^,]*), (.*)\)", kind)
    if mapped:
        if not isinstance(value, dict):
            return [f"{path}: not an object but {value!r}"]
        return [each for key, item in value.items() for each in problems(item, mapped[2], f"{path}.{key}")]
    if kind in _PRIMITIVES:
        return _primitive(value, kind, path)
    return _model(value, kind, path)


def _primitive(value, kind, path):
    if value is None:
        return []
    right = isinstance(value, _PRIMITIVES[kind]) and (kind in ("bool", "object") or not isinstance(value, bool))
    if not right:
        return [f"{path}: {value!r} is no {kind}"]
    if kind == "datetime":
        try:
            if datetime.fromisoformat(value.replace("Z", "+00:00")).tzinfo is None:
                return [f"{path}: {value!r} has no time zone"]
        except ValueError:
            return [f"{path}: {value!r} is no time"]
    return []


def _model(value, kind, path):
    model = getattr(sdk, kind)()
    if value is None:
        return []
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no {kind}"]
    found = []
    attributes = {key: attribute for attribute, key in model.attribute_map.items()}
    for key, item in value.items():
        attribute = attributes.get(key)
        if attribute is None:
            found.append(f"{path}.{key}: {kind} has no such key")
            continue
        found += problems(item, model.swagger_types[attribute], f"{path}.{key}")
        if model.swagger_types[attribute] == "str":
            found += _enumeration(model, attribute, item, f"{path}.{key}")
    return found


def _enumeration(model, attribute, value, path):
    try:
        setattr(model, attribute, value)
    except Exception as error:  # the SDK's setters fail in their own ways on what they do not expect
        return [f"{path}: {value!r} breaks the SDK's {type(model).__name__}.{attribute}: {error}"]
    if isinstance(value, str) and getattr(model, attribute) == "outdated_sdk_version" != value:
        return [f"{path}: {value!r} is not a value that {type(model).__name__}.{attribute} knows"]
    return []
