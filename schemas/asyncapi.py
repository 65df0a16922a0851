"""The topics and their records as one AsyncAPI document (https://www.asyncapi.com/docs/reference/specification/v3.0.0).

It points at the JSON Schemas beside it and repeats none of them: those say what a record holds, this says where it goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from schemas.topics import CASE_EVENTS, DELIVERY_STATUS, UPDATES_DUE, Topic

Document = Mapping[str, Any]

_FORMAT: Final = "application/schema+json;version=draft-2020-12"
_CLOUD_EVENT: Final = "application/cloudevents+json"
_BINDING: Final = "0.5.0"
_DAY_MS: Final = 86_400_000


def document(case_events: Iterable[str]) -> dict[str, Any]:
    """The document, where `case_events` are the types that `case-events` takes."""
    incoming = sorted(case_events)
    messages = {kind: _message(kind, f"case-events/{kind}.json", _CLOUD_EVENT, CASE_EVENTS) for kind in incoming}
    messages["updates-due"] = _message("updates-due", "updates-due.json", "application/json", UPDATES_DUE)
    messages["delivery-status"] = _message("delivery-status", "delivery-status.json", _CLOUD_EVENT, DELIVERY_STATUS)
    return {
        "asyncapi": "3.0.0",
        "id": "urn:kept-informed",
        "info": {
            "title": "Kept Informed",
            "version": "1.0.0",
            "description": "Case events come in; what became of each update goes out. A deployment puts its prefix in front of"
            " every topic's name. Only `case-events` carries personal data; the others carry ids.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": _CLOUD_EVENT,
        "channels": {
            "case-events": _channel(
                CASE_EVENTS, "What happened in a case, as the force's systems report it.", incoming
            ),
            "updates-due": _channel(
                UPDATES_DUE, "Between the services: which message is to be sent now.", ["updates-due"]
            ),
            "delivery-status": _channel(
                DELIVERY_STATUS,
                "What became of each update. A record may come twice, with one id.",
                ["delivery-status"],
            ),
        },
        "operations": {
            "readCaseEvents": _operation("receive", "case-events", "The scheduler reads what happened."),
            "releaseUpdates": _operation("send", "updates-due", "The scheduler says what is due."),
            "takeUpdates": _operation("receive", "updates-due", "The dispatcher takes it."),
            "tellStatus": _operation("send", "delivery-status", "The scheduler tells what became of each update."),
        },
        "components": {"messages": messages},
    }


def takes_away(before: Document, now: Document) -> list[str]:
    """What `now` takes away from those who rely on `before`, a sentence each: a topic, a record, or where and how it goes."""
    gone: list[str] = []
    for name, channel in before["channels"].items():
        after = now["channels"].get(name)
        if after is None:
            gone.append(f"the channel {name} is gone")
            continue
        if after["address"] != channel["address"]:
            gone.append(f"the channel {name} has another topic")
        if after["bindings"]["kafka"]["partitions"] != channel["bindings"]["kafka"]["partitions"]:
            gone.append(f"the channel {name} has other partitions: keys would move between them")
        lost = sorted(set(channel["messages"]) - set(after["messages"]))
        gone += [f"the channel {name} no longer carries {message}" for message in lost]
    gone += [f"the operation {name} is gone" for name in sorted(set(before["operations"]) - set(now["operations"]))]
    messages = now["components"]["messages"]
    for name, message in before["components"]["messages"].items():
        changed = [key for key in ("contentType", "bindings") if messages.get(name, message)[key] != message[key]]
        gone += [f"the record {name} has another {key}" for key in changed]
    return gone


def _channel(topic: Topic, about: str, messages: Iterable[str]) -> dict[str, Any]:
    kafka = {
        "topic": topic.name,
        "partitions": topic.partitions,
        "topicConfiguration": {"retention.ms": topic.retention_days * _DAY_MS}
        | {name: int(value) for name, value in topic.config.items()},
        "bindingVersion": _BINDING,
    }
    return {
        "address": topic.name,
        "description": about,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"kafka": kafka},
    }


def _message(name: str, file: str, content_type: str, topic: Topic) -> dict[str, Any]:
    key = {"type": "string", "description": f"{topic.key}: records of one key keep their order."}
    return {
        "name": name,
        "contentType": content_type,
        "payload": {"schemaFormat": _FORMAT, "schema": {"$ref": f"./{file}"}},
        "bindings": {"kafka": {"key": key, "bindingVersion": _BINDING}},
    }


def _operation(action: str, channel: str, about: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": about}
