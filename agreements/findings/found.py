"""All that is worth a look in a draft, or in a contract as it is, each with its remedy and the page on which it is put right by hand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from agreements.findings.history import Said, said_of
from agreements.findings.remedies import Bench, Remedy, remedy_at, with_allowance, with_target
from agreements.querysets import History
from contracts.contract_file import Problem
from contracts.contract_file.lint import lint
from contracts.contract_file.scalars import format_decimal
from contracts.contract_file.weigh import weigh
from contracts.rules import Duty
from contracts.wording import format_list

LEVEL = re.compile(r"service_levels\[([0-9]+)\]")
VERSION = re.compile(r"service_levels\[([0-9]+)\]\.terms\[([0-9]+)\]")
RULE = re.compile(r"rules\[([0-9]+)\]")
KRA = re.compile(r"kras\[([0-9]+)\]")
WORDS_OF_DUTY = {
    Duty.ACCOUNT_MANAGER: "account manager",
    Duty.PROCUREMENT: "procurement officer",
    Duty.VENDOR_CONTACT: "vendor’s contact",
}


BY_HAND = {"revision-level": "Its terms", "revision-alignment": "Weights", "revision-rules": "Rules"}


@dataclass(frozen=True)
class Finding:
    """`key` names it as long as it is there; `about` is what it concerns, in people's words. `page` is the name of the editor's page by
    which it is put right, with the service level's `code` where it is that of one."""

    key: str
    about: str
    message: str
    page: str
    code: str = ""
    remedy: Remedy | None = None

    @property
    def by_hand(self) -> str:
        """What a link to its page says."""
        return BY_HAND.get(self.page, "Levels and money")


def findings_of(bench: Bench, history: History | None = None, others: Sequence[Problem] = ()) -> list[Finding]:
    """Those of the file, of `others` that looked at it, and of its months."""
    in_file = dict.fromkeys((*lint(bench.file), *weigh(bench.file), *others))
    found = [_of_file(bench, one) for one in in_file if not _is_over(bench, one)]
    terms = {level.code: level.terms[-1].full() for level in bench.file.service_levels if level.ends_on is None}
    said = said_of(history, terms) if history is not None else []
    return [*found, *(_of_history(bench, one) for one in said)]


def unassigned(duties: Sequence[Duty]) -> list[Finding]:
    """Duties of a contract that nobody has."""
    if not duties:
        return []
    words = format_list((WORDS_OF_DUTY[duty] for duty in duties), "or")
    return [Finding("owner", "In charge", f"Nobody is in charge as {words}. Name somebody.", "owners")]


def _is_over(bench: Bench, one: Problem) -> bool:
    """Whether it is of what nobody changes any more: terms and weights before the newest, a rule that ends."""
    matrix = bench.matrix
    if found := VERSION.match(one.path):
        return int(found[2]) < len(bench.file.service_levels[int(found[1])].terms) - 1
    if found := RULE.match(one.path):
        return bench.file.rules[int(found[1])].until is not None
    if one.path == "kras":
        total = sum((weight for *_, weight in matrix.kras), Decimal(0))
        return f"add up to {format_decimal(total)} " not in one.message
    if (found := KRA.fullmatch(one.path)) and "add up to" in one.message:
        total = matrix.total(bench.file.kras[int(found[1])].code)
        return f"add up to {format_decimal(total)} " not in one.message
    return False


def _of_file(bench: Bench, one: Problem) -> Finding:
    about, page, code = _place(bench, one.path)
    said = one.message.replace("`", "")  # which in a file's messages stand around what is written there
    message = f"{said[:1].upper()}{said[1:]}."
    return Finding(f"{one.path} {one.message}", about, message, page, code, remedy_at(bench, one.path))


def _place(bench: Bench, path: str) -> tuple[str, str, str]:
    """What a place in the file is about, and the page and service level by which it is edited."""
    if found := LEVEL.match(path):
        level = bench.file.service_levels[int(found[1])]
        weights = path.endswith("].kras")
        return level.name, "revision-alignment" if weights else "revision-level", level.code
    if found := KRA.match(path):
        return bench.file.kras[int(found[1])].name, "revision-alignment", ""
    if path.startswith("kras"):
        return "Weights of the KRAs", "revision-alignment", ""
    if path.startswith("rules"):
        return "Rules", "revision-rules", ""
    return "Charges, days and credits", "revision-parts", ""


def _of_history(bench: Bench, one: Said) -> Finding:
    key = f"{one.kind} {one.code}"
    if one.kind == "cap":
        return Finding(key, one.name, one.message, "revision-parts")
    if one.kind == "held":
        return Finding(key, one.name, one.message, "revision-rules")
    remedy = with_allowance(bench, one.code) if one.kind == "volume" else None
    if one.number is not None:
        remedy = with_target(bench, one.code, one.number)
    return Finding(key, one.name, one.message, "revision-level", one.code, remedy)
