"""Write `services/sandbox/twilio_fields.json`: what Twilio's published OpenAPI file says of the Message resource.

The npm package `@twilio/cli-core` holds that file. `python scripts/twilio_fields.py` fetches the package (npm must be there) and
writes the table; `--check` only compares. The contract tests hold the sandbox to the table, so that a field which Twilio does
not have cannot come from us, and one that it has cannot be missing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

PACKAGE = "@twilio/cli-core@8.3.2"
MEMBER = "package/src/services/twilio-api/twilio_api_v2010.json"
LIST = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
TABLE = Path(__file__).parent.parent / "services" / "sandbox" / "twilio_fields.json"
KEPT = ("type", "format", "pattern", "nullable", "enum", "minimum", "maximum")


def fetch() -> dict[str, Any]:
    """The OpenAPI document out of the package."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            member = archive.extractfile(MEMBER)
            if member is None:
                raise SystemExit(f"{PACKAGE} holds no {MEMBER}")
            return dict(json.load(member))


def table(document: dict[str, Any]) -> dict[str, Any]:
    """The part of the document that the sandbox is held to."""
    schemas = document["components"]["schemas"]

    def kept(schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
        return {key: schema[key] for key in KEPT if key in schema}

    operations = document["paths"][LIST]
    create = operations["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    page = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
    message = schemas["api.v2010.account.message"]["properties"]
    queries = [each for each in operations["get"]["parameters"] if each["in"] == "query"]
    return {
        "source": f"{PACKAGE}, {MEMBER.rsplit('/', 1)[1]}",
        "path": LIST,
        "create": {name: kept(schema) for name, schema in sorted(create["properties"].items())},
        "create_required": sorted(create["required"]),
        "list": {each["name"]: kept(each["schema"]) for each in sorted(queries, key=lambda each: each["name"])},
        "page": {name: kept(schema) for name, schema in sorted(page.items())},
        "message": {name: kept(schema) for name, schema in sorted(message.items())},
    }


def main(check: bool) -> int:
    """Write the table, or say whether it is as published."""
    text = json.dumps(table(fetch()), indent=1) + "\n"
    if check:
        same = TABLE.read_text() == text
        print(f"{TABLE} is {'as published' if same else 'NOT as published: run python scripts/twilio_fields.py'}")
        return 0 if same else 1
    TABLE.write_text(text)
    print(f"written: {TABLE}")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
