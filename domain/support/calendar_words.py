"""Words that stand for a number: months, weekdays, how often, and colours."""

HOUR, DAY = 3600, 86_400

PERIODS = {
    **dict.fromkeys("hourly stündlich".split(), ("duration", HOUR)),
    **dict.fromkeys("daily nightly täglich quotidien diario".split(), ("duration", DAY)),
    **dict.fromkeys("weekly wöchentlich hebdomadaire semanal".split(), ("duration", 7 * DAY)),
    **dict.fromkeys("fortnightly biweekly".split(), ("duration", 14 * DAY)),
    **dict.fromkeys("monthly monatlich mensuel mensual".split(), ("months", 1)),
    **dict.fromkeys("quarterly vierteljährlich".split(), ("months", 3)),
    **dict.fromkeys("yearly annually annual jährlich annuel anual".split(), ("months", 12)),
}
"""Words that say how often, as the time from one to the next."""

MONTHS = {
    name: n
    for n, names in enumerate(
        (
            "january jan januar janvier enero",
            "february feb februar février febrero",
            "march mar märz mars marzo",
            "april apr avril abril",
            "may mai mayo",
            "june jun juni juin junio",
            "july jul juli juillet julio",
            "august aug août agosto",
            "september sep sept septembre septiembre",
            "october oct oktober octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember décembre diciembre",
        ),
        1,
    )
    for name in names.split()
}
WEEKDAYS = {
    name: n
    for n, names in enumerate(
        (
            "monday mondays mon montag montags lundi lunes",
            "tuesday tuesdays tue tues dienstag dienstags mardi martes",
            "wednesday wednesdays wed mittwoch mittwochs mercredi miércoles",
            "thursday thursdays thu thurs donnerstag donnerstags jeudi jueves",
            "friday fridays fri freitag freitags vendredi viernes",
            "saturday saturdays sat samstag samstags sonnabend samedi sábado",
            "sunday sundays sun sonntag sonntags dimanche domingo",
        ),
        1,
    )
    for name in names.split()
}

DAYS = {
    **dict.fromkeys(("weekday", "weekdays"), (1, 5)),
    **dict.fromkeys(("weekend", "weekends"), (6, 7)),
}
"""The first and the last day of a part of the week."""

COLOURS = {
    name: n
    for n, names in enumerate(
        (
            "red rot rote roten roter rotes rouge rouges rojo roja rojos rojas",
            "yellow gelb gelbe gelben gelber gelbes jaune jaunes amarillo amarilla amarillos",
            "green grün grüne grünen grüner grünes vert verte verts vertes verde verdes",
            "blue blau blaue blauen blauer blaues bleu bleue bleus bleues azul azules",
            "white weiß weiße weißen weißer weisse blanc blanche blancs blanco blanca blancos",
            "black schwarz schwarze schwarzen schwarzer noir noire noirs negro negra negros",
            "grey gray grau graue grauen grauer gris grise grises",
            "orange orangefarben naranja amber",
            "brown braun braune braunen brun brune marrón",
            "pink rosa purple violet violett lila",
        )
    )
    for name in names.split()
}
"""Colours tell forms, signs, bins and lines apart as numbers do."""

SURE_NAMES_OF_TIME = frozenset(
    word for word in (*MONTHS, *WEEKDAYS) if len(word) > 4 and word not in ("march", "august")
) | {"juin", "août", "lundi", "enero"}
"""Those that no other word is written like, so that they need no capital: mardi, octubre."""
