"""Whether a JSON Schema still serves everybody whom the one before it served. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

Schema = Mapping[str, Any]
Direction = Literal["in", "out"]
"""`in`: others write what we read. `out`: others read what we write."""

_LOWER: Final = ("maxLength", "maxItems", "maximum")
_HIGHER: Final = ("minLength", "minItems", "minimum")
_FIXED: Final = ("pattern", "format", "const")


def breaks(old: Schema, new: Schema, direction: Direction) -> list[str]:
    """What `new` takes away from those who rely on `old`, a sentence each; empty when it only adds.

    Nothing may lose a field, a word of a list or a kind of value. What others write may not be asked for more or in narrower
    bounds; what others read must go on holding every field that it always held.
    """
    return list(_compare("", old, old, new, new, direction))


def _compare(path: str, old: Schema, old_root: Schema, new: Schema, new_root: Schema, way: Direction) -> Iterator[str]:
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    here = path or "the object"
    yield from (f"{here}: the word {word} is gone" for word in sorted(_words(old) - _words(new)) if _words(new))
    if _words(new) and not _words(old):
        yield f"{here}: only words of a list are left"
    before, after = _variants(old, old_root), _variants(new, new_root)
    gone = set(before) - set(after)
    if "integer" in gone and "number" in after:
        gone.remove("integer")
    yield from (f"{here}: a value of the kind {kind} is gone" for kind in sorted(gone))
    if way == "out":
        yield from (f"{here}: a value of the kind {kind} is new" for kind in sorted(set(after) - set(before)))
    for kind in sorted(set(before) & set(after)):
        yield from _same_kind(path, before[kind], old_root, after[kind], new_root, way)


def _same_kind(
    path: str, old: Schema, old_root: Schema, new: Schema, new_root: Schema, way: Direction
) -> Iterator[str]:
    here = path or "the object"
    fields, now = old.get("properties", {}), new.get("properties", {})
    yield from (f"{here}: the field {name} is gone" for name in sorted(set(fields) - set(now)))
    required, needed = set(old.get("required", ())), set(new.get("required", ()))
    if way == "in":
        yield from (f"{here}: the field {name} may no longer be left out" for name in sorted(needed - required))
        yield from (f"{here}: {limit} is lower" for limit in _LOWER if _bound(new, limit, 1) < _bound(old, limit, 1))
        yield from (
            f"{here}: {limit} is higher" for limit in _HIGHER if _bound(new, limit, -1) > _bound(old, limit, -1)
        )
        yield from (f"{here}: {rule} is another" for rule in _FIXED if rule in new and new[rule] != old.get(rule))
    else:
        yield from (f"{here}: the field {name} may be left out" for name in sorted(required - needed))
        yield from (f"{here}: {rule} is another" for rule in _FIXED if rule in old and new.get(rule) != old[rule])
    for name in sorted(set(fields) & set(now)):
        yield from _compare(f"{path}.{name}".lstrip("."), fields[name], old_root, now[name], new_root, way)
    for inner, mark in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(old.get(inner), Mapping) and isinstance(new.get(inner), Mapping):
            yield from _compare(f"{path}{mark}", old[inner], old_root, new[inner], new_root, way)


def _bound(schema: Schema, name: str, sign: int) -> float:
    return float(schema.get(name, sign * float("inf")))


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema


def _variants(schema: Schema, root: Schema) -> dict[str, Schema]:
    """The kinds of value that a schema takes, each with what it says of that kind."""
    schema = _resolved(schema, root)
    if "anyOf" in schema:
        return {kind: said for inner in schema["anyOf"] for kind, said in _variants(inner, root).items()}
    kind = schema.get("type", "anything")
    return {kind: schema} if isinstance(kind, str) else dict.fromkeys(kind, schema)


def _words(schema: Schema) -> set[str]:
    """The words of a list, also where the value may be null as well."""
    found = set(map(str, schema.get("enum", ())))
    for inner in schema.get("anyOf", ()):
        found |= _words(inner)
    return found
