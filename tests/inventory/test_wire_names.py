"""Every field that a record takes from the wire stands, under that name and with that type, in the API's own shape.

The authority are botocore's service models. A record names the operations it is read from in its docstring
(``service.Operation``, by botocore's names); attributes that are not on the wire have names that begin with two
underscores. A record that is put together from several responses has each field in one of them.
"""

import functools
import importlib
import pkgutil
import re

import botocore.session
import msgspec
import msgspec.inspect
import pytest

import auditkit.inventory.records
from auditkit.exports.calls import call_named
from auditkit.inventory import Record
from auditkit.inventory.records.alarms import Alarm

OPERATION = re.compile(r"``([a-z0-9-]+)\.([A-Z][A-Za-z0-9]+)``")


@functools.cache
def records():
    for module in pkgutil.iter_modules(auditkit.inventory.records.__path__):
        importlib.import_module(f"auditkit.inventory.records.{module.name}")

    def below(cls):
        for child in cls.__subclasses__():
            yield child
            yield from below(child)

    of_api = f"{auditkit.inventory.records.__name__}."
    ours = {cls for cls in below(Record) if cls.__module__.startswith(of_api) and hasattr(cls, "kind")}
    return tuple(sorted(ours, key=lambda cls: (cls.__module__, cls.__name__)))


@functools.cache
def service_model(service):
    return botocore.session.get_session().get_service_model(service)


@functools.cache
def structures(service, operation):
    """Return every structure of an operation's output, the output itself included."""
    found, waiting = {}, [service_model(service).operation_model(operation).output_shape]
    while waiting:
        shape = waiting.pop()
        if shape is None or shape.name in found:
            continue
        found[shape.name] = shape
        if shape.type_name == "structure":
            waiting.extend(shape.members.values())
        elif shape.type_name == "list":
            waiting.append(shape.member)
        elif shape.type_name == "map":
            waiting.append(shape.value)
    return tuple(shape for shape in found.values() if shape.type_name == "structure")


def operations(cls):
    return tuple(dict.fromkeys(OPERATION.findall(cls.__doc__ or "")))


def scattered(annotation, named):
    """Return the fields that are in no structure of several operations, their inputs included."""
    inputs = [service_model(service).operation_model(operation).input_shape for service, operation in named]
    shapes = [shape for name in named for shape in structures(*name)] + [shape for shape in inputs if shape]
    return [
        field.encode_name
        for field in annotation.fields
        if not field.encode_name.startswith("__")
        and not any(
            field.encode_name in shape.members
            and not list(mismatches(field.type, shape.members[field.encode_name], ""))
            for shape in shapes
        )
    ]


ACCEPTED = {
    msgspec.inspect.StructType: {"structure"},
    msgspec.inspect.VarTupleType: {"list"},
    msgspec.inspect.ListType: {"list"},
    msgspec.inspect.DictType: {"map"},
    msgspec.inspect.StrType: {"string", "timestamp", "character", "blob"},
    msgspec.inspect.IntType: {"integer", "long"},
    msgspec.inspect.FloatType: {"float", "double", "integer", "long", "timestamp"},
    msgspec.inspect.BoolType: {"boolean"},
}


def mismatches(annotation, shape, place):
    """Yield what of a field's type is not in a shape of the API."""
    if isinstance(annotation, msgspec.inspect.UnionType):
        options = [option for option in annotation.types if not isinstance(option, msgspec.inspect.NoneType)]
        yield from min((list(mismatches(option, shape, place)) for option in options), key=len, default=())
    elif not isinstance(annotation, msgspec.inspect.AnyType):
        accepted = ACCEPTED.get(type(annotation), set())
        if shape.type_name in accepted:
            yield from inside(annotation, shape, place)
        else:
            yield f"{place} is a {shape.type_name}, not a {type(annotation).__name__}"


def inside(annotation, shape, place):
    """Yield what of the parts of a structure, list or map is not in a shape of the API."""
    if isinstance(annotation, msgspec.inspect.StructType):
        for field in annotation.fields:
            name = field.encode_name
            if not name.startswith("__") and name not in shape.members:
                yield f"{place}.{name} is not in {shape.name}"
            elif not name.startswith("__"):
                yield from mismatches(field.type, shape.members[name], f"{place}.{name}")
    elif isinstance(annotation, msgspec.inspect.VarTupleType | msgspec.inspect.ListType):
        yield from mismatches(annotation.item_type, shape.member, f"{place}[]")
    elif isinstance(annotation, msgspec.inspect.DictType) and shape.type_name == "map":
        yield from mismatches(annotation.value_type, shape.value, f"{place}{{}}")


@pytest.mark.parametrize("cls", records(), ids=lambda cls: cls.__name__)
def test_a_record_names_operations_that_are_read(cls):
    named = operations(cls)
    assert named, f"the docstring of {cls.__name__} names no operation"
    for service, operation in named:
        assert operation in service_model(service).operation_names
        assert call_named(service, operation), f"{service}.{operation} is not in calls.csv"


EITHER = {Alarm}
"""Records that stand for either of two structures of one response: alarms on metrics, and on other alarms."""


@pytest.mark.parametrize("cls", records(), ids=lambda cls: cls.__name__)
def test_a_record_is_decoded_from_a_shape_of_the_api(cls):
    annotation = msgspec.inspect.type_info(cls)
    attempts = {
        f"{service}.{operation}: {shape.name}": list(mismatches(annotation, shape, ""))
        for service, operation in operations(cls)
        for shape in structures(service, operation)
    }
    nearest = min(attempts, key=lambda name: len(attempts[name]))
    several = len(operations(cls)) > 1 or cls in EITHER
    if attempts[nearest] and several:  # put together from several structures: each field in one of them
        assert scattered(annotation, operations(cls)) == []
    else:
        assert attempts[nearest] == [], f"nearest shape is {nearest}"


def test_the_comparison_sees_a_wrong_name_and_a_wrong_type():
    class Wrong(msgspec.Struct):
        FunctionName: str
        FunctionNmae: str
        Timeout: str

    shapes = {shape.name: shape for shape in structures("lambda", "ListFunctions")}
    found = list(mismatches(msgspec.inspect.type_info(Wrong), shapes["FunctionConfiguration"], ""))
    assert found == [".FunctionNmae is not in FunctionConfiguration", ".Timeout is a integer, not a StrType"]
