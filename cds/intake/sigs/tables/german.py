"""How directions are written in German: Germany, Austria, Switzerland."""

from __future__ import annotations

from cds.intake.sigs.language import Language

GERMAN = Language(
    "German",
    {
        "number": {
            0.25: "viertel, eine viertel",
            0.5: "halbe, eine halbe, halb, 1/2, einhalb",
            1: "eine, ein, einen, einer, einem, eins, je eine, je ein",
            1.5: "eineinhalb, anderthalb",
            2: "zwei",
            3: "drei",
            4: "vier",
            5: "fünf",
            6: "sechs",
            7: "sieben",
            8: "acht",
            10: "zehn",
            12: "zwölf",
            14: "vierzehn",
        },
        "form": (
            "ampulle, ampullen, amp, trinkampulle, trinkampullen, tablette, tabletten, tabl, tbl, tbl., tab, "
            "kautablette, kautabletten, kautabl, ktbl, brausetablette, "
            "brausetabletten, brausetabl, brausetbl, btbl, filmtablette, filmtabletten, filmtabl, filmtbl, ftbl, "
            "kapsel, kapseln, kps, kaps, kap, weichkapsel, weichkapseln, hartkapsel, hartkapseln, dragee, "
            "dragees, drg, stück, stk, st, beutel, btl, sachet, sachets, pulverbeutel, lutschtablette, "
            "lutschtabletten, lutschtbl, schmelztablette, schmelztabletten, schmelztbl, retardtablette, "
            "retardtabletten, pille, pillen, einheit stück, dosis, dosen, tropfen, trpf, gtt, hub"
        ),
        "unit": {
            "mg": "milligramm",
            "g": "gramm, gr",
            "ug": "mikrogramm, µg",
            "ml": "milliliter",
            "[iu]": "ie, i.e., internationale einheiten, einheiten, einheit, e",
            "5 ml": "teelöffel, tl, kl",
            "15 ml": "esslöffel, el",
        },
        "times": "mal, x, male, fach",
        "count": {
            1: "einmal, 1mal",
            2: "zweimal, 2mal",
            3: "dreimal, 3mal",
            4: "viermal, 4mal",
        },
        "period": {
            1: "täglich, tägl, tgl, pro tag, am tag, jeden tag, /tag, /d, /die, die, am tage, pro die, alltäglich",
            7: "wöchentlich, pro woche, in der woche, jede woche, /woche, die woche, wchtl, pro wo",
            30.4375: "monatlich, pro monat, im monat, jeden monat, /monat",
        },
        "length": {
            1 / 1440: "minute, minuten, min",
            1 / 24: "stunde, stunden, std, h",
            1: "tag, tage, tagen, d",
            7: "woche, wochen, wo",
            30.4375: "monat, monate, monaten, mon",
        },
        "every": "alle, jede, jeden, jedes, jeder, aller, q",
        "other": "zweite, zweiten, anderen, andere, übernächsten",
        "often": {
            0.5: "jeden zweiten tag, alle zwei tage, jeden 2 tag, tageweise alternierend",
        },
        "hourly": {
            1 / 24: "stündlich",
        },
        "per": "pro",
        "to": "bis",
        "or": "oder",
        "and": "und, sowie, u, u.",
        "then": "dann, danach, anschliessend, anschließend, gefolgt von, ab dann",
        "most": "bis zu, max, maximal, höchstens, nicht mehr als, bis max, bis maximal",
        "needed": (
            "bei bedarf, bb, b. bed, b.b., bed, nach bedarf, im bedarfsfall, wenn nötig, falls nötig, bedarf, "
            "bedarfsmedikation, bei bedarf bis"
        ),
        "lasting": "für, während, über, lang, für die dauer von, für weitere",
        "before": (
            "vor, nach, vorher, abstand, abstand zu, danach einnehmen, vor oder nach, auseinander, abstand von, "
            "nicht zusammen mit, nicht mit, nicht gleichzeitig mit, zwischen"
        ),
        "meals": (
            "zu den mahlzeiten, mit den mahlzeiten, zum essen, nach dem essen, vor dem essen, zu mahlzeiten, "
            "vor den mahlzeiten, nach den mahlzeiten, während der mahlzeiten, zur mahlzeit, "
            "zwischen den mahlzeiten, während oder nach den mahlzeiten, mit der mahlzeit, zu jeder mahlzeit, "
            "nach der mahlzeit, z. d. mahlzeiten, während des essens, vor der mahlzeit"
        ),
        "hour": {
            "MORN": (
                "morgens, morgen, früh, am morgen, in der früh, zum frühstück, vor dem frühstück, "
                "nach dem frühstück, vormittags, beim frühstück, mrg, jeden morgen, frühmorgens, "
                "nüchtern morgens, frühstück, vor dem früchstück, mit dem frühstück, früh morgens"
            ),
            "NOON": "mittags, mittag, am mittag, zum mittagessen, mit dem mittagessen, nach dem mittagessen",
            "AFT": "nachmittags, am nachmittag",
            "EVE": "abends, abend, am abend, zum abendessen, nach dem abendessen, mit dem abendessen, jeden abend",
            "NIGHT": (
                "nachts, zur nacht, z.n., zn, vor dem schlafengehen, vor dem schlafen, zum schlafen, nacht, "
                "spätabends, zur nachtruhe, zur schlafenszeit"
            ),
        },
        "weekday": {
            "mon": "montag, montags",
            "tue": "dienstag, dienstags",
            "wed": "mittwoch, mittwochs",
            "thu": "donnerstag, donnerstags",
            "fri": "freitag, freitags",
            "sat": "samstag, samstags, sonnabend, sonnabends",
            "sun": "sonntag, sonntags",
        },
        "split": (
            "einzeldosen, gaben, einzelgaben, verteilt auf, aufgeteilt auf, aufgeteilt in, dosen verteilt, "
            "verteilt über den tag"
        ),
        "each": "jeweils, je, pro gabe, pro dosis, jedes mal",
        "stop": (
            "nicht mehr einnehmen, nicht einnehmen, absetzen, abgesetzt, nicht nehmen, nicht mehr nehmen, "
            "pausieren, pausiert, pause, beendet, stop, stopp, gestoppt, keine einnahme, nicht mehr, ausgesetzt, "
            "nicht weiter einnehmen"
        ),
        "if": "wenn, falls",
        "change": (
            "nicht, kein, keine, außer, ausser, alternierend, abwechselnd, steigern, reduzieren, ausschleichen, "
            "einschleichen, laut plan, nach plan, nach schema, erhöhen, ohne, nur, abhängig, sondern"
        ),
        "dispensed": "packung, packungen, op, n1, n2, n3, packung zu",
        "purpose": "gegen, wegen, bei, zur, zum, mit, in, auf, als, von, im, aus, grund, hinweis",
        "said": (
            "nicht abgesetzt, nicht gestoppt, nicht beendet, nicht pausiert, "
            "nicht absetzen, nicht eigenmächtig absetzen, nicht pausieren, ohne pause, nicht aussetzen, "
            "in 1 glas wasser, 1 glas wasser, in einem glas wasser, 1 glas, einnehmen, nehmen, nehmen sie, "
            "zu nehmen, oral, per os, p.o., peroral, schlucken, kauen, lutschen, zerkaut, unzerkaut, mit wasser, "
            "mit etwas wasser, mit viel wasser, mit ausreichend flüssigkeit, wasser, mit flüssigkeit, "
            "wie besprochen, gemäß anweisung, nach anweisung, bitte, immer, zur gleichen zeit, um, uhr, zerkauen, "
            "auflösen, aufgelöst, in wasser auflösen, regelmäßig, dauermedikation, zu, den, der, die tabletten, "
            "das, dem, des, etwa, ca, einzunehmen, verteilt, über den tag verteilt, nüchtern, "
            "mit oder ohne mahlzeit, immer zur gleichen tageszeit, zum einnehmen, weiter, weiterhin, "
            "nicht zerkauen, oral einnehmen, mit reichlich wasser, insgesamt, gesamt, die kapseln, sie"
        ),
    },
)
