"""How directions are written in Swedish: Sweden and Finland."""

from __future__ import annotations

from cds.intake.sigs.language import Language

SWEDISH = Language(
    "Swedish",
    {
        "number": {
            0.5: "halv, halvt, en halv",
            1: "en, ett",
            1.5: "en och en halv",
            2: "två",
            3: "tre",
            4: "fyra",
            5: "fem",
            6: "sex",
            7: "sju",
            8: "åtta",
            10: "tio",
            12: "tolv",
        },
        "form": (
            "ampull, ampuller, tablett, tabletter, tabl, tabl., tab, tuggtablett, tuggtabletter, tuggtabl, "
            "brustablett, "
            "brustabletter, brustabl, filmdragerade tabletter, filmdragerad tablett, kapsel, kapslar, kaps, st, "
            "styck, påse, påsar, dospåse, dospåsar, dos, doser, depottablett, depottabletter, piller, sugtablett, "
            "sugtabletter, munsönderfallande tablett, droppe, droppar"
        ),
        "unit": {
            "mg": "milligram",
            "g": "gram",
            "ug": "mikrogram",
            "ml": "milliliter",
            "[iu]": "ie, internationella enheter, enheter, e",
            "5 ml": "tesked, teskedar, tsk",
            "15 ml": "matsked, matskedar, msk",
        },
        "times": "gånger, gång, ggr, x, ggn",
        "period": {
            1: "dagligen, om dagen, per dag, varje dag, per dygn, /dag, /dygn, i dygnet, dagl, dgl, om dan",
            7: "per vecka, varje vecka, i veckan, veckovis, /vecka, en gång i veckan",
            30.4375: "per månad, varje månad, i månaden, /månad",
        },
        "length": {
            1 / 1440: "minut, minuter, min",
            1 / 24: "timme, timmar, tim, h",
            1: "dag, dagar, dygn",
            7: "vecka, veckor, v",
            30.4375: "månad, månader, mån",
        },
        "every": "var, varje, vart",
        "other": "annan, andra, annat",
        "often": {
            0.5: "varannan dag, var annan dag, vartannat dygn",
        },
        "per": "per",
        "to": "till, à",
        "or": "eller",
        "and": "och, plus, samt, o",
        "then": "därefter, sedan, följt av",
        "most": "högst, max, maximalt, upp till, som mest, inte mer än",
        "needed": "vid behov, v b, vb, v.b., vid smärta, vid värk",
        "lasting": "i, under",
        "before": "före, efter, mellan, minst, åtskilt från, innan, inte samtidigt som, tillsammans med",
        "meals": (
            "till måltid, i samband med måltid, med mat, vid måltid, efter måltid, till maten, före måltid, "
            "vid måltider, till måltider, i samband med mat, mellan måltider, efter maten, före maten, "
            "tillsammans med mat, vid måltiderna"
        ),
        "hour": {
            "MORN": (
                "morgon, på morgonen, till morgonen, frukost, till frukost, morgonen, förmiddag, på förmiddagen, "
                "varje morgon, kl 8, vid frukost"
            ),
            "NOON": "lunch, till lunch, mitt på dagen, middagstid, vid lunch, kl 12",
            "AFT": "eftermiddag, på eftermiddagen",
            "EVE": "kväll, på kvällen, kvällen, till kvällen, middag, till middag, varje kväll, kl 20, vid middag",
            "NIGHT": "till natten, natt, natten, på natten, vid sänggående, före sänggående, vid sänggåendet",
        },
        "weekday": {
            "mon": "måndag, måndagar",
            "tue": "tisdag, tisdagar",
            "wed": "onsdag, onsdagar",
            "thu": "torsdag, torsdagar",
            "fri": "fredag, fredagar",
            "sat": "lördag, lördagar",
            "sun": "söndag, söndagar",
        },
        "split": "doser fördelat, uppdelat på, fördelat på",
        "each": "varje gång, per gång, per tillfälle, åt gången, vid varje tillfälle",
        "stop": (
            "sluta ta, sluta, utsatt, sätt ut, sätts ut, ta inte, ska inte tas, pausa, pausad, uppehåll, "
            "avslutad, utsättes, avslutas, tas ej, ej ta, slutat, slutat ta, tar inte längre"
        ),
        "if": "om",
        "change": "inte, ej, utom, ökas, trappas, enligt schema, utan, men, trappa, enligt",
        "dispensed": "förpackning, förpackningar, uttag",
        "purpose": "mot, för, med, av, vid, på grund av, i ett glas, från, på",
        "said": (
            "sluta inte, 1 glas vatten, tas, tag, ta, sväljes, sväljs, tuggas, tugga, oralt, genom munnen, "
            "vatten, med vatten, ett glas vatten, med ett glas vatten, löses, löses i vatten, enligt ordination, "
            "stående, dosering, peroralt, regelbundet, intas, löses upp, upplöses, i vatten, den, det, kan, "
            "eller sugas, tuggas eller sugs, sväljes hela"
        ),
    },
)
