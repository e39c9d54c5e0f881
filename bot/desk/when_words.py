"""The words for days, hours and durations in each language, apart from the rules of when.py that read them.

Everything is a regular expression over folded text: lower case, no accents, straight apostrophes. A space stands for
any white space. {n} is a number, {u} a unit, {a} an optional "about", {h} an hour, {m} minutes, {mm} two digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DayPart(StrEnum):
    """Part of a day. EARLY is the night before the morning, NIGHT the one after the evening."""

    EARLY = "early"
    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    NIGHT = "night"


# (pattern, minutes added to the hour, sign of {m}, whether it is a clock time without any preposition)
Clock = tuple[str, int, int, bool]
_COLON: Clock = ("{h}:{mm}(?::[0-5]\\d)?(?: ?{ap})?", 0, 1, True)


@dataclass(frozen=True)
class Words:
    """One language."""

    numbers: dict[str, float]
    vague: dict[str, float]  # "a few": the number is not meant exactly
    units: dict[str, str]  # "minute", "hour", "day", "week", "month" → pattern
    weekdays: tuple[str, ...]  # from Monday
    short_weekdays: tuple[str, ...]  # words of their own, too, so only beside a date
    months: tuple[str, ...]
    days: tuple[tuple[str, int, DayPart | None], ...]  # pattern, days from today, part
    moments: str  # "just now"
    lately: str  # some time today
    parts: tuple[tuple[str, DayPart], ...]
    clocks: tuple[Clock, ...]
    ago: tuple[str, ...]
    lasting: tuple[str, ...]  # goes on since then
    spans: tuple[tuple[str, str, int], ...]  # pattern, "week" or "month", how many back
    dates: tuple[str, ...]  # {d}, {month}, {year}
    since: str
    at: str  # stands before a time
    on: str  # stands before a day
    about: str
    glue: str  # between the parts of one time
    ranges: str  # {c} is a clock time
    edge: str  # "early", "the beginning of" before a month
    updates: str  # what "since the update yesterday" is about
    other: str  # another time than that of a problem: what is to come, what comes again
    before: str  # before a time: it belongs to a document, a deadline, a period
    after: str  # behind a time: the same
    recurring: str  # in the clause: a habit
    to_come: str  # in the clause: a wish, a condition, a plan
    past: str  # in the clause: something has happened
    case: str  # in the clause: the time is that of a case, not of its problem
    worked: str  # in the clause: when it still worked
    negations: str
    tomorrow: str  # also means the morning
    follow: str  # may stand behind a bare hour: "at nine the page…"
    fillers: str  # says nothing beside a time that is the whole answer
    named_zones: str  # a time of a place that is not known here
    at_length: str = "(?!)"  # a length of time, which goes on until now only with these words in its clause
    goes_on: str = "(?!)"


EN = Words(
    numbers={
        "an?": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
        "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "twenty[ -]five": 25, "thirty": 30,
        "forty": 40, "forty[ -]five": 45, "fifty": 50, "half an": 0.5, "one and a half": 1.5,
    },
    vague={"a couple(?: of)?": 2, "(?:a )?few": 3, "several": 3},
    units={"minute": "min(?:ute)?s?", "hour": "h(?:ou)?rs?|h", "day": "days?", "week": "weeks?", "month": "months?"},
    weekdays=("monday", "tuesday", "wed?nesday", "thursday", "friday", "saturday", "sunday"),
    short_weekdays=("mon", "tues?", "wed", "thu(?:rs?)?", "fri", "sat", "sun"),
    months=(
        "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?",
        "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
    ),
    days=(
        ("(?:the )?day before yesterday", -2, None), ("yesterday", -1, None), ("(?:earlier )?today", 0, None),
        ("this morning", 0, DayPart.MORNING), ("this afternoon", 0, DayPart.AFTERNOON),
        ("this evening|tonight", 0, DayPart.EVENING), ("last night", -1, DayPart.NIGHT),
        ("last evening", -1, DayPart.EVENING),
    ),
    moments="just now|(?:just )?a (?:moment|second|minute|sec) ago|moments ago",
    lately="earlier on",
    parts=(
        ("morning", DayPart.MORNING), ("lunch ?time|lunch", DayPart.NOON), ("afternoon", DayPart.AFTERNOON),
        ("evening", DayPart.EVENING), ("night|midnight", DayPart.NIGHT),
    ),
    clocks=(
        _COLON, ("{h}[.h]{mm} ?{ap}", 0, 1, True), ("{h} ?{ap}", 0, 1, True), ("{h} o'?clock(?: ?{ap})?", 0, 1, True),
        ("half past {h}(?: ?{ap})?", 30, 1, True), ("half {hw}(?: ?{ap})?", 30, 1, True),
        ("(?:a )?quarter (?:past|after) {h}(?: ?{ap})?", 15, 1, True),
        ("(?:a )?quarter (?:to|of|till|before) {h}(?: ?{ap})?", -15, 1, True),
        ("{m}(?: min(?:ute)?s?)? (?:past|after) {h}(?: ?{ap})?", 0, 1, True),
        ("{m}(?: min(?:ute)?s?)? (?:to|till) {h}(?: ?{ap})?", 0, -1, False),
        ("{hw} {mw}(?: ?{ap})?", 0, 1, False), ("{h}\\.{mm}", 0, 1, False), ("{h}", 0, 1, False),
        ("(?P<noon>noon|midday)", 0, 1, True),
    ),
    ago=("{a}{n} {u} ago", "{a}an (?P<u>hour)(?P<half> and a half) ago"),
    lasting=("for {a}(?:the )?(?:last|past) {n} {u}", "for {a}{n} {u} now", "since {a}{n} {u}(?: ago)?"),
    spans=(("(?:the )?(?:last|past|previous) week", "week", 1), ("(?:last|previous) month", "month", 1),
           ("this week", "week", 0), ("this month", "month", 0)),
    dates=("(?:the )?{d}(?:st|nd|rd|th)?(?: of)?[ -]{month}\\.?(?:,?[ -]{year})?",
           "{month}\\.? {d}(?:st|nd|rd|th)?(?!:)(?:,? {year})?"),
    since="ever since|since|starting(?: from)?",
    at="at|by about", on="on|last|this past|this|past",
    about="around|about|approximately|approx|roughly|circa|ca|like|some ?time|(?:just|shortly|right|soon) (?:after|"
          "before)",
    glue="at|on|in|the|of|early|late|from|first thing|right|already|or so",
    ranges="(?:between|from) {c} (?:and|to|until|till) {c}|{c} ?(?:-|–|to|until) ?{c}",
    edge="early|mid|late|the (?:beginning|start|middle|end) of|around|about",
    updates="(?:the |our |your |an? )?(?:last |latest |new )?(?:update|upgrade|release|maintenance|migration|patch)",
    other="tomorrow(?: morning| afternoon| evening| night)?|next (?:week|month|year)|nowadays|in {n} {u}",
    before="of|from|dated|due|by|until|till|before|next|for|every|each|to|as of|period|black|cyber|good|date|version|"
           "release|not|wasn't|changed|(?:posted|issued|created|booked|paid|entered|approved|received|sent|"
           "invoiced|closed|ended|imported|"
           "uploaded|delivered|made|scheduled|expired?s?)(?: on| at)?|if",
    after="report|statement|meeting|and (?:before|earlier)|or (?:earlier|before)|before last|a week ago|"
          "posted|booked|entered",
    recurring="every|daily|weekly|monthly|each|scheduled|normally|usually|opening|nightly|opens|(?:is|are) open|"
              "always at",
    to_come="will|won't|want|plan\\w*|going to|gonna|must|ha(?:s|ve) to|need\\w*|should|please|can (?:i|we|you)|if|"
            "would|"
            "could you|expect\\w*|are you|arrive|meets?|until|deadline|how are you",
    past="\\w+ed|was|were|did|didn't|couldn't|could|had|got|went|came|saw|broke|hung|froze|lost|threw|wasn't|"
         "weren't|stuck|"
         "gave|began|stopped|fell|became",
    case="tickets?|cases?|(?:re)?closed?|reopen\\w*|reported|logged|told you|promised",
    worked="work(?:ed|ing)|(?:was|were) (?:still )?(?:fine|ok|okay|good)|(?:was|were) (?:still )?able|could still",
    negations="not|n't|never|no longer|stop(?:ped|s)?|cannot|cant|hasnt|doesnt|nothing|nobody|anymore|quit",
    tomorrow="(?!)",
    follow="and|when|while|but|i|we|the|it|my|our|he|she|they|this|that|as|after|because|in|on|then|so|or|your|a|"
           "an|with|"
           "today|yesterday|everything|all|nobody|nothing|until|est|utc",
    fillers="it|was|is|happened|started|began|happening|first|the|i|we|think|maybe|probably|on|at|in|that|this|noticed|"
            "saw|time|has|been|so|well|er|um|hi|hello|all|since|already|occurred|about|some|only|date|seen",
    named_zones="\\w+ time",
    at_length="for {a}{n} {u}",
    goes_on="been|hasn't|haven't|hasnt|havent|down|stuck|unable",
)  # fmt: skip

DE = Words(
    numbers={
        "eine[rmns]?|ein": 1, "eins": 1, "zwei|zwo": 2, "drei": 3, "vier": 4, "funf|fuenf": 5, "sechs": 6, "sieben": 7,
        "acht": 8, "neun": 9, "zehn": 10, "elf": 11, "zwolf|zwoelf": 12, "dreizehn": 13, "vierzehn": 14, "funfzehn": 15,
        "sechzehn": 16, "siebzehn": 17, "achtzehn": 18, "neunzehn": 19, "zwanzig": 20, "dreissig": 30, "vierzig": 40,
        "funfundvierzig": 45, "einer halben|einer dreiviertel": 0.5, "anderthalb|eineinhalb": 1.5,
    },
    vague={"(?:ein )?paar": 3, "einigen|einige|mehreren|mehrere|wenigen": 3},
    units={"minute": "min(?:uten?)?\\.?", "hour": "stunden?|std\\.?", "day": "tag(?:en|e)?", "week": "wochen?",
           "month": "monat(?:en|e)?"},
    weekdays=("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag|sonnabend", "sonntag"),
    short_weekdays=("mo", "di", "mi", "do", "fr", "sa", "so"),
    months=(
        "jan(?:uar)?|janner|jaenner", "feb(?:ruar)?|feber", "marz|maerz|mrz", "apr(?:il)?", "mai", "juni?", "juli?",
        "aug(?:ust)?", "sept?(?:ember)?", "okt(?:ober)?", "nov(?:ember)?", "dez(?:ember)?",
    ),
    days=(
        ("vorgestern", -2, None), ("gestern", -1, None), ("heute?", 0, None),
        ("heute? nacht|(?:in der )?(?:letzten?|vergangenen?) nacht", 0, DayPart.EARLY),
    ),
    moments="gerade eben|eben gerade|soeben|eben erst|grad eben|vor (?:einem|nem) (?:moment|augenblick)",
    lately="vorhin|vorher grad",
    parts=(
        ("fruhmorgens|morgens?|in der fruh|in der frueh|fruh|frueh", DayPart.MORNING), ("vormittags?|"
         "vm", DayPart.MORNING),
        ("(?:zu )?mittags?", DayPart.NOON), ("nachmittags?", DayPart.AFTERNOON), ("abends?", DayPart.EVENING),
        ("nachts?|mitternacht", DayPart.NIGHT),
    ),
    clocks=(
        _COLON, ("{h}[.:]{mm} ?(?:uhr|h)", 0, 1, True), ("{h} uhr {m}", 0, 1, True), ("{h} ?(?:uhr|h)", 0, 1, True),
        ("halb {h}", -30, 1, True), ("viertel nach {h}", 15, 1, True), ("viertel vor {h}", -15, 1, True),
        ("(?:dreiviertel|drei viertel) {h}", -15, 1, True), ("viertel {h}", -45, 1, True),
        ("{m}(?: minuten)? nach halb {h}", -30, 1, True), ("{m}(?: minuten)? vor halb {h}", -30, -1, True),
        ("{m}(?: minuten)? nach {h}", 0, 1, False), ("{m}(?: minuten)? vor {h}", 0, -1, False),
        ("{h}\\.{mm}", 0, 1, False), ("{h}", 0, 1, False),
    ),
    ago=("vor {a}{n} {u}", "vor einer (?P<u>viertelstunde)"),
    lasting=("(?:schon )?seit {a}{n} {u}", "{n} {u} lang schon", "schon {n} {u}"),
    spans=(("(?:in der |der )?(?:letzte|vorige|vergangene)[rn]? woche", "week", 1),
           ("(?:letzte|vorige|vergangene)[nm] monat", "month", 1), ("diese[rn]? woche", "week", 0),
           ("diese[nm] monat", "month", 0)),
    dates=("(?:de[mnr] )?{d}\\.? ?{month}\\.?(?: {year})?",),
    since="seit(?: dem| der)?|seid(?: dem)?",
    at="um", on="am|an dem|letzte[nrm]?|vergangene[nr]?|vorige[nr]?|diese[nr]?|den|dem",
    about="gegen|ca\\.?|circa|zirka|etwa|ungefahr|rund|so um|so gegen|so|kurz (?:nach|vor)|ungefaehr",
    glue="um|am|in|der|den|dem|des|im|an|schon|gleich|fruh|von|laufe",
    ranges="(?:zwischen|von) {c} (?:und|bis) {c}|{c} ?(?:-|–|bis) ?{c}",
    edge="anfang|mitte|ende|etwa|ca\\.?",
    updates="(?:dem |der |unserem |eurem |ihrem )?(?:letzten )?(?:update|upgrade|release|wartung|umstellung|migration|"
            "aktualisierung)(?: von| vom)?",
    other="morgen (?:fruh|vormittag|mittag|nachmittag|abend)|ubermorgen|uebermorgen|"
          "(?:nachste|kommende)[nrm]? (?:woche|monat)|"
          "(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)s|heutzutage|"
          "in {n} {u}",
    before="von|vom|bis|bis zum|vor|per|zum|auf|auf den|ab|nachste[nrm]?|kommende[nrm]?|jede[nrs]?|datum|buchungsdatum|"
           "stichtag|fallig|falligkeit|periode|version|release|datiert|fur|fur den|vorletzte[nrm]?|"
           "ubernachste[nrm]?|zeitraum|gultig|wenn|guten|schonen|nicht",
    after="(?:gebucht|erfasst|erstellt|bezahlt|gestellt|verbucht|importiert|gesendet|verschickt|angelegt|datiert|"
          "freigegeben|eingegangen|geliefert|abgelaufen|geandert|fallig|uberfallig|versendet)\\w*|vor einer woche|"
          "oder fruher",
    recurring="jede[nrsm]?|taglich|wochentlich|monatlich|immer um|geplant|normalerweise|geoffnet|besetzt|nachtlich",
    to_come="soll\\w*|will|wollen|mochte\\w*|muss|mussen|plane\\w*|bitte|"
            "kann ich(?! (?:mich )?(?:nicht|kein))|konnen sie|falls|wenn|"
            "wird|werden|"
            "noch heute|heute noch|erst|warten|wie geht",
    past="war|waren|hat|hatte\\w*|habe[n]?|hab|wurde\\w*|konnte\\w*|ging\\w*|kam\\w*|lief\\w*|brach|blieb\\w*|"
         "fiel\\w*|\\w{3,}te[n]?|ist|sind|"
         "trat|stand\\w*|hing",
    case="tickets?|fall|falle?s|vorgang\\w*|gemeldet\\w*|anfrage|geschlossen|vertan|gesagt|sagte",
    worked="(?:ging|lief|gingen|liefen|funktioniert\\w*|klappte|geklappt|gelaufen)|(?:war|waren) (?:noch )?(?:in "
           "ordnung|ok|da)|konnte\\w* (?:\\w+ )*noch",
    negations="nicht|nichts|nix|kein\\w*|nie|nimmer|mehr|niemand|keiner",
    tomorrow="morgen",
    follow="und|als|wahrend|aber|ich|wir|der|die|das|es|ist|war|hat|kam|kommt|unser\\w*|mein\\w*|kann|konnte\\w*|"
           "wurde\\w*|"
           "geht|ging|beim|in|im|am|bei|dann|oder|ab|aus|an|auf|nicht|kein\\w*|rum|herum|heute|gestern|nichts|nix|niemand|alle|sind|haben|habe|mez",
    fillers="es|war|ist|das|passierte|passiert|zum|ersten|mal|am|um|im|in|der|den|ich|wir|glaube|wohl|vielleicht|hat|"
            "angefangen|begonnen|aufgetreten|trat|auf|hallo|also|schon|so|bemerkt|haben|dem|die|zuerst|seit|problem|"
            "besteht|mir|uns|bei|ungefahr|etwa|erstmals|datum",
    named_zones="\\w+er zeit|\\w+ ortszeit",
)  # fmt: skip
