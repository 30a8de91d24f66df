"""Write templates to a folder and read them."""

import textwrap

from auditkit.exports import read

FUNCTION = """\
Type: AWS::Lambda::Function
Properties: {Handler: a.b, Runtime: python3.12, Role: 'arn:aws:iam::111122223333:role/x', Code: {ZipFile: x}}
"""


def inventory_of(folder, **files):
    """Return the inventory of a folder with some files, by name with ``__`` for the dot and ``___`` for a slash."""
    for name, text in files.items():
        path = folder / name.replace("___", "/").replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return read(folder)


def with_value(value, *, sections=""):
    """Return a template whose topic is named by a value, and its further sections."""
    return f"{sections}\nResources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: {value}\n"
