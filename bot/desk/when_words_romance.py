"""The words for days, hours and durations in French and Spanish; when_words.py says how they are written down."""

from __future__ import annotations

from bot.desk.when_words import Clock, DayPart, Words

_COLON: Clock = ("{h}:{mm}(?::[0-5]\\d)?", 0, 1, True)

FR = Words(
    numbers={
        "une?": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9, "dix": 10,
        "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "dix[ -]sept": 17,
        "dix[ -]huit": 18, "dix[ -]neuf": 19, "vingt": 20, "vingt[ -](?:et[ -])?une?": 21, "vingt[ -]deux": 22,
        "vingt[ -]trois": 23, "trente": 30, "quarante": 40, "quarante[ -]cinq": 45, "une demi": 0.5,
        "un quart d'": 0.25,
    },
    vague={"quelques": 3, "plusieurs": 3},
    units={"minute": "min(?:ute)?s?", "hour": "heures?|h", "day": "jours?", "week": "semaines?|sem", "month": "mois"},
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    short_weekdays=("lun", "mar", "mer", "jeu", "ven", "sam", "dim"),
    months=(
        "janv?(?:ier)?", "fev(?:rier)?|fevr", "mars", "avr(?:il)?", "mai", "juin", "juil(?:let)?", "aout",
        "sept?(?:embre)?", "oct(?:obre)?", "nov(?:embre)?", "dec(?:embre)?",
    ),
    days=(
        ("avant[ -]hier", -2, None), ("hier", -1, None), ("aujourd'? ?hui|ajd", 0, None),
        ("ce matin|a matin", 0, DayPart.MORNING), ("ce midi", 0, DayPart.NOON),
        ("cet(?:te)? (?:apres[ -]midi|aprem)|c't'apres[ -]midi", 0, DayPart.AFTERNOON), ("ce soir", 0, DayPart.EVENING),
        ("cette nuit|(?:dans )?la nuit (?:derniere|passee)", 0, DayPart.EARLY),
    ),
    moments="a l'instant|il y a (?:un|quelques) instants?|il y a une? (?:moment|seconde)",
    lately="plus tot aujourd'hui",
    parts=(
        ("matin|matinee", DayPart.MORNING), ("midi", DayPart.NOON), ("(?:l')?(?:apres[ -]midi|"
         "aprem)", DayPart.AFTERNOON),
        ("soir|soiree", DayPart.EVENING), ("nuit|minuit", DayPart.NIGHT),
    ),
    clocks=(
        _COLON, ("{h} ?(?:h|heures?|hrs?) ?{mm}(?: ?{ap})?", 0, 1, True),
        ("{h} ?(?:h|heures?) {m}(?! (?:minutes|min))", 0, 1, True), ("{h} ?(?:h|heures?|"
         "hrs?)(?: ?{ap})?(?! (?:de (?!l'|la )|d'(?!hier|auj)))", 0, 1, True),
        ("{h} ?(?:h|heures?) et demie?", 30, 1, True), ("{h} ?(?:h|heures?) et quart", 15, 1, True),
        ("{h} ?(?:h|heures?) moins (?:le |un )?quart", -15, 1, True), ("{h} ?(?:h|heures?) moins {m}", 0, -1, True),
        ("(?:a |vers )(?P<noon>midi)", 0, 1, True), ("(?P<noon>midi) et demie?", 30, 1, True),
        ("(?P<noon>midi) moins (?:le )?quart", -15, 1, True), ("(?P<noon>midi) et quart", 15, 1, True),
    ),
    ago=("(?:il )?y a {a}{n}[ -]?{u}(?P<half> et demie?)?(?! (?:de|d'))",),
    lasting=("(?:depuis|ca fait|cela fait|voila) {a}{n}[ -]?{u}(?! (?:ce|du|hier|d'|de|et|moins)| ?\\d)",),
    spans=(("(?:la )?semaine (?:derniere|passee)", "week", 1), ("(?:le )?mois (?:dernier|passe)", "month", 1),
           ("cette semaine", "week", 0), ("ce mois(?:[ -]ci)?", "month", 0)),
    dates=("{d}(?:er|e)? {month}\\.?(?: {year})?",),
    since="depuis(?: le)?",
    at="a|vers", on="le|ce",
    about="vers|environ|autour de|aux alentours de|a peu pres|peu apres|juste apres|juste avant|"
          "vers les|sur les|genre",
    glue="a|le|la|les|l'|du|de|d'|en|dans|au|aux|debut|fin|debut d'|debut de|milieu de|tot|dernier|derniere|passe|ce",
    ranges="(?:entre|de) {c} (?:et|a) {c}|{c} ?(?:-|–|a) ?{c}",
    edge="debut|mi|fin|la mi|environ",
    updates="(?:la |le |votre |cette )?(?:derniere |nouvelle )?(?:mise a jour|maj|version|maintenance|migration|"
            "mise a niveau)(?: de| du| d')?",
    other="demain(?: matin| soir| midi| apres[ -]midi)?|apres[ -]demain|(?:semaine|mois|an|annee) prochaine?|"
          "(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)(?: prochain|s)|dans {n} {u}",
    before="du|de|d'|de la|des|avant|avant le|jusqu'a|jusqu'au|au|pour|pour le|prochain|echeance|chaque|tous les|"
           "toutes "
           "les|datee?|date|version|periode|exercice|par|(?:comptabilise|saisi|cree|emis|date|paye|regle|recu|envoye|"
           "enregistre|echu|importe|livre|dat)e?e?s?(?: le)?|si|pas|bon|bonne|jusqu'",
    after="de retard|prochain|avant-dernier|en huit|il y a une semaine|ou avant",
    recurring="chaque|tous les|toutes les|quotidien\\w*|hebdomadaire\\w*|mensuel\\w*|toujours a|planifie\\w*|"
              "ouverte?s?|"
              "d'habitude|normalement",
    to_come="voudr\\w+|veux|voulons|devr\\w+|doi[ts]|devez|devons|faut|si|prevoi\\w+|sera\\w*|allons|vais|"
            "s'il vous plait|svp|"
            "puis-je|peut-on|pourr\\w+|portez|demarre\\w*|est[- ]ce que",
    past="a|ai|j'ai|l'ai|ont|avons|avait|etait|etaient|est|s'est|sont|\\w+ait|\\w+aient|n'a|n'ont|a pu|\\w+ee?s?",
    case="tickets?|tiket|dossiers?|cas|demandes?|signal\\w+|ferm\\w+|rouvrir|clos",
    worked="fonctionne (?:bien|a nouveau|en)|resolue?|reglee?|sans rechute|march(?:ait|aient|e encore)|"
           "fonctionn(?:ait|aient)|a (?:bien )?(?:marche|fonctionne)|allait bien|"
           "pouvai(?:t|s|ent) encore",
    negations="ne|n'|pas|plus|jamais|rien|aucun\\w*|cesse|arrete",
    tomorrow="(?!)",
    follow="et|quand|mais|je|j'|on|nous|le|la|les|l'|il|elle|ca|c'|mon|notre|nos|lors|en|au|puis|ou|pendant|plus|"
           "personne|"
           "tout|hier|est",
    fillers="c'etait|c'est|etait|arrive|est|ca|a|commence|le|la|du|on|je|crois|peut|etre|vers|environ|pour|"
            "premiere|fois|"
            "constate|vu|s'est|produit|bonjour|depuis|deja|premier|date|l'ai|probleme|dure|remarque|en|les|heures",
    named_zones="heure (?:de|d'|du|des) ?\\w+",
)  # fmt: skip

ES = Words(
    numbers={
        "una?|un": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9,
        "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14, "quince": 15, "dieciseis": 16, "diecisiete": 17,
        "dieciocho": 18, "diecinueve": 19, "veinte": 20, "veintiuna?": 21, "veintidos": 22, "veintitres": 23,
        "veinticinco": 25, "treinta": 30, "cuarenta": 40, "cuarenta y cinco": 45, "media": 0.5, "un cuarto de": 0.25,
    },
    vague={"un par de": 2, "unos cuantos|unos|unas|algunos|algunas|varios|varias": 3},
    units={"minute": "min(?:uto)?s?|minutitos", "hour": "horas?|hs|hrs|h", "day": "dias?", "week": "semanas?",
           "month": "mes(?:es)?"},
    weekdays=("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"),
    short_weekdays=("lun", "mar", "mie", "jue", "vie", "sab", "dom"),
    months=(
        "ene(?:ro)?", "feb(?:rero)?", "mar(?:zo)?", "abr(?:il)?", "may(?:o)?", "jun(?:io)?", "jul(?:io)?",
        "ago(?:sto)?", "sep(?:t|tiembre)?|setiembre", "oct(?:ubre)?", "nov(?:iembre)?", "dic(?:iembre)?",
    ),
    days=(
        ("anteayer|antes de ayer|antier|antiyer|el dia antes de ayer", -2, None), ("(?:el dia de )?ayer", -1, None),
        ("(?:el dia de )?hoy", 0, None),
        ("esta manana", 0, DayPart.MORNING), ("este mediodia", 0, DayPart.NOON), ("esta tarde", 0, DayPart.AFTERNOON),
        ("esta noche", 0, DayPart.NIGHT), ("esta madrugada", 0, DayPart.EARLY), ("anoche", -1, DayPart.NIGHT),
        ("anteanoche|antes de anoche|antenoche", -2, DayPart.NIGHT),
    ),
    moments="hace (?:un|unos) (?:momento|momentito|momentos|instante|instantes|segundos)|ahorita mismo",
    lately="hace (?:un )?(?:rato|ratito|ratico)",
    parts=(
        ("madrugada", DayPart.EARLY), ("manana", DayPart.MORNING), ("mediodia", DayPart.NOON),
        ("tarde", DayPart.AFTERNOON), ("noche|medianoche", DayPart.NIGHT),
    ),
    clocks=(
        _COLON, ("(?:las? )?{h}[:.h]{mm} ?(?:{ap}|h\\b|hs|hrs|horas)", 0, 1, True), ("las? {h}[:.h]{mm}", 0, 1, True),
        ("(?:las? )?{h} ?{ap}", 0, 1, True), ("(?:las? )?{h} ?(?:h|hs|hrs)", 0, 1, True),
        ("las? {h} horas(?! de (?!la))", 0, 1, True),
        ("(?:las? )?{h} y media(?: ?{ap})?", 30, 1, True), ("(?:las? )?{h} y cuarto(?: ?{ap})?", 15, 1, True),
        ("(?:las? )?{h} menos cuarto(?: ?{ap})?", -15, 1, True), ("las? {h} y {m}(?: ?{ap})?", 0, 1, True),
        ("las? {h} menos {m}", 0, -1, True), ("(?:un )?cuarto para las? {h}", -15, 1, True),
        ("{m} para las? {h}", 0, -1, True), ("las? {h}", 0, 1, False),
    ),
    ago=("hace {a}{n} {u}(?P<half> y media)?", "{n} {u} atras"),
    lasting=("(?:desde hace|llevamos|llevo|lleva|llevan) (?:ya )?{a}{n} {u}(?! de)", "hace {a}{n} {u} que no"),
    spans=(("(?:la )?semana pasada", "week", 1), ("(?:el )?mes pasado", "month", 1), ("esta semana", "week", 0),
           ("este mes", "month", 0)),
    dates=("(?:dia )?{d}[º°]? (?:de )?{month}\\.?(?:,? (?:de |del )?{year})?", "{d}-{month}(?:-{year})?"),
    since="desde|a partir de",
    at="a|sobre|hacia|desde", on="el|este|del dia|el dia|el pasado|desde el",
    about="sobre|hacia|como(?: a)?|alrededor de|aproximadamente|aprox\\.?|a eso de|mas o menos|tipo|cerca de|unos|unas|"
          "poco despues de|justo despues de|por ahi de",
    glue="a|el|la|las|los|de|del|en|por|al|temprano|pasado|pasada|dia|ultima hora|primera hora|principios|finales",
    ranges="(?:entre|de) (?:las? )?{c} (?:y|a) (?:las? )?{c}|{c} ?(?:-|–|a) ?{c}",
    edge="principios de|mediados de|finales de|inicios de|comienzos de|finales del",
    updates="(?:la |el |su |nuestra )?(?:ultima |nueva )?(?:actualizacion|version|mantenimiento|migracion|mejora)"
            "(?: de| del)?",
    other="pasado manana|manana (?:por la (?:manana|tarde|noche)|temprano)|hoy en dia|"
          "(?:proxim[oa]s? (?:semana|mes|lunes|martes|miercoles|jueves|viernes|sabado|domingo))|"
          "(?:lunes|martes|miercoles|jueves|viernes|sabado|domingo|semana|mes) (?:proxim[oa]|que viene)|"
          "los (?:lunes|martes|miercoles|jueves|viernes|sabados|domingos)|(?:dentro de|en) {n} {u}",
    before="de|del|antes de|antes del|hasta|hasta el|al|para|para el|proximo|cada|todos los|vence|vencio|"
           "vencimiento|fecha|"
           "version|periodo|ejercicio|(?:contabilizad|emitid|cread|registrad|pagad|recibid|enviad|fechad|vencid|"
           "importad|capturad|entregad|cambiad|modificad)[oa]s?(?: el)?|si|buenas?|buenos?|no|no fue|por",
    after="proximo|que viene|antepasado|hace una semana|o antes",
    recurring="cada|todos los|todas las|diari\\w*|semanal\\w*|mensual\\w*|siempre a|programad\\w*|abre|abrimos|"
              "abiert\\w*|"
              "normalmente",
    to_come="quier\\w+|queremos|quisier\\w+|deb\\w+|hay que|necesit\\w+|si|vamos a|voy a|sera|estara|habra|"
            "por favor|"
            "podria\\w*|vence|cierre|mismo|esperamos|hasta que",
    past="fue|fueron|estaba\\w*|dejo|dejaron|paro|fallo|fallaron|\\w+aron|\\w+ieron|\\w+aba\\w*|\\w+imos|\\w+amos|"
         "ha|han|he|"
         "hemos|habia\\w*|dio|salio|pudo|pude|cayo|se \\w+o|no \\w+o|hubo|aparecio|empezo|tuvimos",
    case="tickets?|casos?|incidencias?|report\\w+|cerr\\w+|reabr\\w+|pidieron|pedido",
    worked="funcion(?:aba|aban|o)|iba bien|andaba bien|servia|podia(?:mos|n)? .{0,15}todavia|estaba bien",
    negations="no|nunca|nadie|nada|dejo|ningun\\w*|tampoco|jamas",
    tomorrow="manana",
    follow="y|cuando|pero|yo|se|nos|me|el|la|los|las|lo|mi|nuestro|nuestra|al|en|luego|o|no|que|todo|hoy|ayer|"
           "nadie|mientras|"
           "est",
    fillers="fue|era|paso|ocurrio|empezo|comenzo|sucedio|el|la|las|los|creo|que|quizas|tal|vez|a|por|en|primera|"
            "vez|visto|"
            "se|vio|hola|desde|ya|note|lo|fecha|hora|problema|sigue|mas|o|menos|sobre|de|es",
    named_zones="hora (?:de|del) \\w+|hora (?:peninsular|local|central|colombiana|mexicana|argentina)",
)  # fmt: skip
