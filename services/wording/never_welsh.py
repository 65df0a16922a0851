"""The Never list in Welsh, by the same labels. Folded as texts are: lower case and no accents. `word*` is a beginning.

Words are listed as a dictionary has them; `mutated` adds what follows "eich", "ei", "yn" and the like. A form that is also an
everyday word is left out: `bai` (blame) mutates to `mai`, the month of May, and `rhyw` is both "sex" and "some".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "offence or injury": """
        trais treis* rhywiol* ymosod* anaf* lladd lladdwyd llofrudd* marw marwolaeth marwolaethau marwol lladrat* lleidr lladron
        twyll* byrglera* bwrglera* difrod* fandal* llosgi cyffur* meddw cyllell cyllyll dryll* arf arfau bygyth* bygwth blacmel*
        herwgip* caethwas* tagu tagwyd gorfodaeth casineb hiliol hiliaeth homoffob* trawsffob* domestig cam-drin camdrin* stelc*
        aflonydd* curo curwyd dyrnu ciciwyd trywan* saethu saethwyd esgeulus* creulon* camfanteis* cam-fanteisio clwyf* gwaedu
        brifo brifwyd mwrdr terfysg* poenydi* niweidi*
    """,
    "evidence": "tystiolaeth* fforensig* alibi",
    "special measure": "sgrin sgriniau cyfryngwr cyfryngwyr",
    "threat": "gwarant* cosb cosbau cosbi cosbir erlynir gorfodol gorfodir brys",
    "false comfort": "diogel*",
    "opinion on guilt": "troseddwr troseddwyr honedig honiad* haeddu* celwydd* dieuog* beio",
    "request for details": "cliciwch atodiad* cyfrinair cyfrineiriau mewngofnod*",
    "survey": "arolwg arolygon holiadur* adborth boddhad",
}

PHRASES: Final[Mapping[str, tuple[str, ...]]] = {
    "special measure": (
        "mesur arbennig", "mesurau arbennig", "fesur arbennig", "fesurau arbennig", "cyswllt byw", "gyswllt byw",
        "cyswllt fideo", "gyswllt fideo",
    ),
    "another victim or witness": (
        "dioddefwr arall", "ddioddefwr arall", "dioddefwyr eraill", "ddioddefwyr eraill", "tyst arall", "dyst arall",
        "tystion eraill", "dystion eraill",
    ),
    "evidence": ("olion bysedd", "teledu cylch cyfyng"),
    "threat": ("rhaid i chi", "rhaid ichi", "os na wnewch", "yn ol y gyfraith", "mewn trwbl", "ar unwaith"),
    "false comfort": (
        "yn y ddalfa", "dan glo", "peidiwch a phoeni", "dim angen poeni", "dim i boeni", "dim byd i boeni", "dim perygl",
    ),
    "opinion on guilt": ("ar fai", "eich bai"),
    "request for details": (
        "atebwch gyda", "anfonwch eich", "cadarnhewch eich", "dyddiad geni", "manylion banc", "rhif cyfrif",
    ),
    "address": ("cod post", "codau post"),
    "form of address": (
        "annwyl ddioddefwr", "annwyl dyst", "annwyl achwynydd", "annwyl syr", "annwyl fadam", "annwyl gwsmer",
    ),
}  # fmt: skip

NEUTRAL: Final = """
    heddlu heddluoedd heddwas heddweision plismon* plismyn plismones trosedd* dioddef* tyst tystion tystio llys llysoedd
    gwrandawiad* treial treialon achos achosion swyddog* arest* cyhudd* dalfa dalfeydd mechni* amheu* drwgdybi* diffynnydd
    diffynyddion euog* dedfryd* carchar* prawf profiannaeth ymchwil* erlyn* ynad* coron barnwr barnwyr rheithgor* cyfiawnder
    cyfreithiwr cyfreithwyr bargyfreithiwr bargyfreithwyr adrodd* cyfwel* cwnstabl* rhingyll* ditectif* arolygydd arolygwyr
    datganiad* canlyniad* rhyddha*
"""

SMS: Final = "mechni* dieuog* rhyddfarn* amodau rhyddha*"
SMS_PHRASES: Final = (
    "dim camau pellach", "heb gyhuddiad", "heb ei gyhuddo", "heb ei chyhuddo", "ddim yn euog", "dim cyhuddiad",
    "gollwng yr achos", "achos wedi cau", "achos ar gau",
)  # fmt: skip

SILENCE: Final = ("peidiwch ag ateb", "peidiwch ag ymateb", "ni allwch ateb", "ni ellir ateb")

STREETS: Final = ("heol", "ffordd", "stryd", "lon", "rhodfa", "clos", "maes", "cilgant", "teras", "rhes")
"""A number and one of these begins an address: in Welsh the name of the street comes after."""

_MUTATED: Final[Mapping[str, tuple[str, ...]]] = {
    "ll": ("l",), "rh": ("r",), "p": ("b", "mh", "ph"), "t": ("d", "nh", "th"), "c": ("g", "ngh", "ch"), "b": ("f", "m"),
    "d": ("dd", "n"), "g": ("", "ng"), "m": ("f",),
}  # fmt: skip
"""Soft, nasal and aspirate, by how a word begins."""
_UNCHANGED: Final = ("ch", "dd", "ff", "ng", "ph", "th")
_VOWELS: Final = "aeiouwy"


def mutated(listed: str) -> str:
    """A list of words with every mutation of each."""
    return " ".join(form for word in listed.split() for form in _forms(word))


def _forms(word: str) -> Iterator[str]:
    yield word
    if word.startswith(_UNCHANGED):
        return
    if word[0] in _VOWELS:
        yield f"h{word}"
    for start, others in _MUTATED.items():
        if word.startswith(start):
            yield from (other + word.removeprefix(start) for other in others)
            return
