"""Code of functions that stands in Terraform's own document: what ``archive_file`` packs out of texts."""

from collections.abc import Iterator

from auditkit.exports._answers import Node
from auditkit.exports._inline import InlineCode
from auditkit.exports._reading import Reading
from auditkit.exports.terraform._raw import Raw, raw_resources
from auditkit.exports.terraform._resources import Estate

__all__ = ["tell_inline"]


def tell_inline(document: Node, estate: Estate, reading: Reading) -> None:
    """Tell the code that a document holds, of the functions whose package it is packed into."""
    packed: dict[str, list[Node]] = {}
    for raw in raw_resources(document):
        if raw.type == "archive_file" and (path := raw.node.text("output_path")):
            packed.setdefault(path, []).extend(_texts(raw))
    code = InlineCode()
    for function in estate.of("aws_lambda_function"):
        for text in packed.get(function.text("filename"), ()):
            code.take(text.value, text.source, function.arn, function.text("runtime"))
    code.tell(reading)


def _texts(raw: Raw) -> Iterator[Node]:
    own = raw.node.at("source_content")
    if own is not None:
        yield own
    for source in raw.node.each("source"):
        content = source.at("content")
        if content is not None:
            yield content
