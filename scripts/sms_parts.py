"""Write `tests/contract/wording/sms_parts.jsonl`: how many parts Twilio's own calculator counts in a few hundred texts.

The calculator is the npm package `sms-segments-calculator`. `python scripts/sms_parts.py` fetches it (node and npm must be
there), asks it, and writes the answers; `--check` only compares. The contract tests hold our own count to them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "sms-segments-calculator@1.3.0"
CORPUS = Path(__file__).parent.parent / "tests" / "contract" / "wording" / "sms_parts.jsonl"

_ASK = """
const { SegmentedMessage } = require("sms-segments-calculator");
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
const answers = texts.map((text) => {
  const found = new SegmentedMessage(text);
  return { text, encoding: found.encodingName, parts: text ? found.segmentsCount : 0 };
});
process.stdout.write(JSON.stringify(answers));
"""
_SAID = (
    "Ref KF7Q2R8M: we have news for you. Please ring Jo on 01632 960123, 8am to 8pm, when it suits you.",
    "Ref KF7Q2R8M, CHANGE: not Tue 14 Apr. Your new date is Mon 11 May, 9.30am, same place. This replaces our earlier messages.",
    "Ref KF7Q2R8M: you do NOT need to come on Tue 14 Apr. It costs £0 to ring 01632 960123 [free].",
    "Cyf KF7Q2R8M: mae gennym newyddion i chi. Ffoniwch Jo ar 01632 960123, 8yb i 8yh, pan fydd yn gyfleus.",
    "Cyf KF7Q2R8M: nid oes angen i chi ddod ddydd Mawrth 14 Ebrill. Mae hyn yn disodli ein negeseuon cynharach.",
    "Cyf KF7Q2R8M: mae'r dyddiad wedi newid. Bydd y tŷ llys ar agor am 9.30yb. Ffôn: 01632 960123.",
    "Dŵr, tŷ, gŵyl, ŷd, câr, sêr, tîm, môr",
    "Éire, naïve, coöperate, Zürich, señor, Ångström, Øre, Σ and Ω",
    "“Curly” quotes \u2013 and a dash…",
    "👍 thanks 😀",
)


def texts() -> Iterator[str]:
    """What people write, and every boundary, with and without characters that may not be split there."""
    yield ""
    yield from _SAID
    for said in _SAID:
        yield f"{said} {said}"
        yield f"{said} {said} {said}"
    for size in (1, 69, 70, 71, 133, 134, 135, 152, 153, 154, 159, 160, 161, 200, 201, 202, 305, 306, 307, 459, 460):
        yield "a" * size
        yield "ŵ" + "a" * (size - 1)
        yield "a" * (size - 1) + "€"
        yield "a" * (size - 1) + "ŷ"
    for before in (66, 67, 132, 133, 134, 151, 152, 153, 304, 305, 306):
        for pair in "€[]{}~|^\\":
            yield "a" * before + pair + "b" * 153
        for pair in ("😀", "😀😀"):
            yield "ŵ" + "a" * (before - 1) + pair + "b" * 66
    for wide in "€^{}\\[~]|":
        yield wide * 80
        yield wide * 81
        yield wide * 153
    for accent in "âêîôûŵŷÂÊÎÔÛŴŶáéíóúàèìòùäëïöü":
        yield f"Gair ag acen: {accent}" + "x" * 60


def ask(asked: list[str]) -> list[dict[str, object]]:
    """The calculator's answer to each text."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", PACKAGE], cwd=folder, check=True)
        (Path(folder) / "ask.js").write_text(_ASK, "utf-8")
        found = subprocess.run(
            ["node", "ask.js"], cwd=folder, check=True, input=json.dumps(asked), capture_output=True, text=True
        )
    answers: list[dict[str, object]] = json.loads(found.stdout)
    return answers


def main(arguments: list[str]) -> int:
    """0 when the corpus is written, or as the calculator has it."""
    answers = ask(list(dict.fromkeys(texts())))
    written = "".join(f"{json.dumps(answer, ensure_ascii=False)}\n" for answer in answers)
    if arguments == ["--check"]:
        return int(CORPUS.read_text("utf-8") != written)
    CORPUS.write_text(written, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
