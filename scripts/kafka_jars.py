"""Write `services/sandbox/kafka_jars.json`: the JARs of one Apache Kafka with the SHA-256 of each.

Run it to move to another Kafka: `python scripts/kafka_jars.py [org.apache.kafka:kafka_2.13:VERSION ...]`. The embedded broker
starts only on exactly these files, so what was looked at once is what runs everywhere.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import tempfile
from pathlib import Path

from services.sandbox import kafka

# slf4j-simple writes Kafka's warnings and errors to its output, which is our log.
COORDINATES = ["org.apache.kafka:kafka_2.13:4.4.0", "org.slf4j:slf4j-simple:2.0.17"]


def main(coordinates: list[str]) -> None:
    """Resolve `coordinates` into an empty folder and write down what came."""
    with tempfile.TemporaryDirectory() as folder:
        files = asyncio.run(kafka.resolve(coordinates, Path(folder)))
        jars = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(files)}
    kafka.TABLE.write_text(json.dumps({"coordinates": coordinates, "jars": jars}, indent=1) + "\n")
    print(f"{len(jars)} JARs -> {kafka.TABLE}")


if __name__ == "__main__":
    main(sys.argv[1:] or COORDINATES)
