"""Checks country codes in one place: with a code that no rule knows, a rule for that country would not be applied."""

import re

_CODE = re.compile(r"[A-Z]{2}")


def country_code(country: str) -> str:
    """`country`, an ISO 3166 code of two letters in any case, in capitals. Raises ValueError for anything else."""
    code = country.upper()
    if _CODE.fullmatch(code) is None:
        raise ValueError(f"country must be an ISO 3166 code of two letters such as GB, got {country!r}")
    return code
