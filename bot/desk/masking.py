"""Takes out of a customer's words what could name a person, before people who did not ask read them."""

from __future__ import annotations

import re

EMAIL, LINK, KEY, NUMBER = "[e-mail]", "[link]", "[key]", "[number]"

_LINK = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s<>@,;:()\"'“”„«»]+@[^\s<>@,;:()\"'“”„«»]+")
# Twenty and more letters and digits in a row, both of them: a password, a token, an account.
_KEY = re.compile(r"(?<![\w-])(?=[\w+/=-]*[A-Za-z])(?=[\w+/=-]*\d)[\w+/=-]{20,}")
# Accounts in blocks, such as DE89 3704 0044 0532 0130 00.
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b")
_DATE = r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})(?!\d)"
# Digits in a row, or with what people put between those of a telephone, card or account number.
_DIGITS = re.compile(
    rf"(?P<date>(?<!\d){_DATE})|(?P<letters>[A-Za-z]*)\+?(?:\(\d{{1,5}}\)\s?)?\d(?:[ \u00a0./()-]{{0,2}}\d)*"
)
# Cases have six digits. An amount or a year has four; with spaces or points between them, seven name somebody.
_IN_A_ROW = 5
_APART = 7
# Codes of errors have letters and up to eight digits: BL03000076. They are what an author looks for.
_DIGITS_OF_A_CODE = 8


def masked(text: str) -> str:
    """The text with addresses, links, keys and long numbers replaced by what they were, in brackets.

    Long numbers are telephone, card, account, case and customer numbers; dates, small amounts and codes such as GW-0011
    or BL03000076 stay. Names of people and companies are not recognised.
    """
    for pattern, label in ((_LINK, LINK), (_EMAIL, EMAIL), (_ACCOUNT, NUMBER), (_KEY, KEY)):
        text = pattern.sub(label, text)
    return _DIGITS.sub(_number, text)


def _number(match: re.Match[str]) -> str:
    if match["date"]:
        return match[0]
    digits = sum(map(str.isdigit, match[0]))
    rest = match[0].removeprefix(match["letters"])
    if match["letters"] and rest.isdigit():
        return match[0] if digits <= _DIGITS_OF_A_CODE else match["letters"] + NUMBER
    longest = max(map(len, re.findall(r"\d+", rest)))
    return match["letters"] + NUMBER if longest >= _IN_A_ROW or digits >= _APART else match[0]
