"""How directions are written in Dutch: the Netherlands and Belgium.

``1D1T`` (once a day one tablet) and ``2dd`` (twice a day) are short forms of Dutch pharmacies.
"""

from __future__ import annotations

from cds.intake.sigs.language import Language

DUTCH = Language(
    "Dutch",
    {
        "number": {
            0.5: "half, halve, een half, een halve",
            1: "een, één",
            1.5: "anderhalf, anderhalve",
            2: "twee",
            3: "drie",
            4: "vier",
            5: "vijf",
            6: "zes",
            7: "zeven",
            8: "acht",
            10: "tien",
            12: "twaalf",
        },
        "form": (
            "ampul, ampullen, amp, tablet, tabletten, tabl, tab, t, kauwtablet, kauwtabletten, kauwtabl, "
            "bruistablet, bruistabletten, "
            "filmomhulde tablet, filmomhulde tabletten, zuigtablet, zuigtabletten, smelttablet, smelttabletten, "
            "capsule, capsules, caps, c, stuk, stuks, st, sachet, sachets, zakje, zakjes, zk, dosis, doses, pil, "
            "pillen, comprimé, druppel, druppels, drup"
        ),
        "unit": {
            "mg": "milligram",
            "g": "gram, gr",
            "ug": "microgram",
            "ml": "milliliter",
            "[iu]": "ie, internationale eenheden, eenheden, eenheid, e",
            "5 ml": "theelepel, theelepels, koffielepel, koffielepels",
            "15 ml": "eetlepel, eetlepels",
        },
        "times": "keer, maal, x, dd",
        "count": {
            1: "eenmaal, éénmaal",
            2: "tweemaal",
            3: "driemaal",
            4: "viermaal",
        },
        "period": {
            1: "per dag, daags, dagelijks, elke dag, iedere dag, /dag, pd, p.d., p/d, /d, per etmaal, dgs",
            7: "per week, wekelijks, elke week, iedere week, /week, in de week, p/w",
            30.4375: "per maand, maandelijks, elke maand, /maand",
        },
        "length": {
            1 / 1440: "minuut, minuten, min",
            1 / 24: "uur, uren, u, h",
            1: "dag, dagen",
            7: "week, weken, wk",
            30.4375: "maand, maanden",
        },
        "every": "elke, iedere, om de, ieder, elk",
        "other": "andere, tweede",
        "often": {
            0.5: "om de dag, om de andere dag, om de 2 dagen, om de twee dagen",
        },
        "per": "per",
        "to": "tot",
        "or": "of",
        "and": "en, plus",
        "then": "daarna, dan, vervolgens, gevolgd door, en dan",
        "most": "max, maximaal, tot maximaal, ten hoogste, hoogstens, niet meer dan, maximum, zo nodig max",
        "needed": (
            "zo nodig, zn, z.n., indien nodig, bij pijn, bij koorts, als nodig, desgewenst, wanneer nodig, zonodig"
        ),
        "lasting": "gedurende, voor de duur van",
        "before": "voor, na, vóór, apart van, tussen, voor of na, niet samen met, niet tegelijk met, niet met",
        "meals": (
            "bij de maaltijd, bij maaltijd, bij de maaltijden, na de maaltijd, voor de maaltijd, "
            "tijdens de maaltijd, na het eten, voor het eten, bij het eten, met voedsel, tijdens de maaltijden, "
            "na elke maaltijd, bij elke maaltijd, tussen de maaltijden, tijdens het eten, met de maaltijd"
        ),
        "hour": {
            "MORN": (
                "'s ochtends, s ochtends, ochtend, 's morgens, s morgens, bij het ontbijt, ontbijt, morgen, "
                "in de ochtend, voor het ontbijt, na het ontbijt, elke ochtend, iedere ochtend"
            ),
            "NOON": "'s middags, s middags, middag, bij de lunch, lunch, in de middag",
            "EVE": (
                "'s avonds, s avonds, avond, bij het avondeten, avondeten, bij het diner, in de avond, "
                "elke avond, iedere avond"
            ),
            "NIGHT": (
                "'s nachts, s nachts, nacht, voor het slapen, voor de nacht, an, a.n., ante noctem, "
                "voor het slapengaan, bij het slapengaan, voor het naar bed gaan"
            ),
        },
        "weekday": {
            "mon": "maandag",
            "tue": "dinsdag",
            "wed": "woensdag",
            "thu": "donderdag",
            "fri": "vrijdag",
            "sat": "zaterdag",
            "sun": "zondag",
        },
        "split": "giften, doses verdeeld, verdeeld over, verdeeld in",
        "each": "per keer, telkens, per gift, steeds, per dosis",
        "stop": (
            "stop, stoppen, gestopt, niet innemen, niet meer innemen, niet gebruiken, niet meer gebruiken, "
            "staken, gestaakt, onderbreken, onderbroken, tijdelijk gestopt, niet nemen, "
            "neemt niet meer, neemt het niet meer"
        ),
        "if": "als, indien, tenzij",
        "change": (
            "niet, geen, behalve, afwisselend, ophogen, afbouwen, volgens schema, zonder, maar, "
            "gebruik volgens schema trombosedienst, volgens, alleen"
        ),
        "dispensed": "doos, dozen, verpakking, aantal, verpakkingen",
        "purpose": "tegen, wegens, bij, met, in, op, van, uit, ter, i.v.m., ivm",
        "said": (
            "niet gestopt, niet gestaakt, niet stoppen, niet staken, niet onderbreken, "
            "1 glas water, met 1 glas water, innemen, neem, nemen, "
            "gebruiken, te gebruiken, te gebruiken van, te gebruiken van: tot, slikken, kauwen, kauw, oraal, "
            "per os, via de mond, met water, water, met veel water, ruim water, met wat water, glas water, "
            "met een glas water, volgens voorschrift, de, het, toedienen, vanaf, opzuigen, in te nemen, "
            "uur innemen, om, volgens afspraak, zoals afgesproken, via mond, doorgaan, continu, niet kauwen, "
            "te nemen, op de"
        ),
    },
)
