"""Questions as they should not be, for every place where one can be asked: index, command and HTTP."""

from __future__ import annotations

NOTHING_ASKED = {
    "one letter": "x",
    "one digit": "7",
    "a smiley": "😀",
    "many smileys": "👨‍👩‍👧‍👦🎉🔥" * 40,
    "NUL": "\x00",
    "punctuation": "?!... -- ///",
    "blanks of all kinds": " \t\n\u00a0\u2003\u200b",
    "control characters": "\x1b\x07\x08",
}
"""No article can answer these, so none is found."""

OF_OTHER_SCRIPTS = {
    "Arabic": "كيف يمكنني طلب بيتزا كبيرة",
    "Hebrew": "איך להזמין פיצה גדולה",
    "Chinese": "我想订一个大比萨饼",
}
"""Three times how to order a large pizza; no help center of ours answers that."""

UNWIELDY = {
    "one word of 4,000 characters": "x" * 4000,
    "4,000 characters without a blank": ("pizza-and-football-" * 211)[:4000],
    "4,000 smileys and a letter": "😀" * 3999 + "x",
    "4,000 combining marks": "e" + "\u0301" * 3999,
    "markup": "<script>alert(1)</script>",
    "a database's language": "'; DROP TABLE articles; --",
    "a path": "../../../../etc/passwd",
    "a pattern": "(((((a+)+)+)+)+)+$",
}
"""Whatever comes of these, it comes soon and is no error."""

VOID_A_CHECK = {
    "4,000 characters": ("How do I void a printed check? " * 130)[:4000],
    "NUL between words": "void a\x00printed check",
    "a mark for right to left": "\u202evoid a printed check",
    "smileys around it": "😀😀 how do I void a printed check 🙏",
    "shouted": "HOW DO I VOID A PRINTED CHECK???!!!",
    "on many lines": "how\n\n\ndo I\tvoid\r\na printed\u2028check",
}
"""A good question in bad dress."""

BOUND_S = 2.0
"""The longest ones take 0.15 s on two free cores; this tells bounded from unbounded, also on a busy machine."""
