"""How directions are written in Danish and Norwegian."""

from __future__ import annotations

from cds.intake.sigs.language import Language

DANISH = Language(
    "Danish and Norwegian",
    {
        "number": {
            0.5: "halv, halvt, en halv, ½",
            1: "en, et, én, ét, ett, ei",
            1.5: "halvanden, en og en halv, halvannen",
            2: "to",
            3: "tre",
            4: "fire",
            5: "fem",
            6: "seks",
            7: "syv, sju",
            8: "otte, åtte",
            10: "ti",
            12: "tolv",
        },
        "form": (
            "ampul, ampulle, ampuller, tablet, tabletter, tablett, tabl, tab, tyggetablet, tyggetabletter, "
            "tyggetablett, tyggetabl, "
            "brusetablet, brusetabletter, brusetablett, brusetabl, filmovertrukne tabletter, kapsel, kapsler, "
            "kaps, stk, stykk, brev, breve, pulver, pose, poser, dosispose, dosisposer, dosepose, doseposer, "
            "pille, piller, dosis, doser, depottablet, depottabletter, enhet, sugetablet, sugetabletter, "
            "sugetablett, dråbe, dråber, dråpe, dråper"
        ),
        "unit": {
            "mg": "milligram",
            "g": "gram",
            "ug": "mikrogram",
            "ml": "milliliter",
            "[iu]": "ie, enheder, enheter, internationale enheder, ae",
            "5 ml": "teske, teskeer, teskje, teskjeer",
            "15 ml": "spiseske, spiseskeer, spiseskje, spiseskjeer",
        },
        "times": "gange, gang, ganger, x",
        "period": {
            1: (
                "daglig, dagligt, dagligen, om dagen, dgl, hver dag, per dag, pr dag, pr. dag, i døgnet, "
                "per døgn, pr døgn, daglige, dgl., /dag, /døgn, i døgn, pr. døgn"
            ),
            7: (
                "ugentlig, om ugen, hver uge, ugentligt, ukentlig, i uken, hver uke, per uke, pr uge, pr. uge, "
                "/uge, /uke, i ugen"
            ),
            30.4375: "månedlig, om måneden, hver måned, månedligt, i måneden, per måned",
        },
        "length": {
            1 / 1440: "minut, minutter, min",
            1 / 24: "time, timer, t",
            1: "dage, dager, dag, døgn",
            7: "uge, uger, uke, uker",
            30.4375: "måned, måneder, mdr, mnd",
        },
        "every": "hver, hvert, hver eneste",
        "other": "anden, andet, annen",
        "often": {
            0.5: "hver anden dag, hver annen dag, annenhver dag, hveranden dag",
        },
        "per": "per, pr",
        "to": "til",
        "or": "eller",
        "and": "og, plus, samt, pluss",
        "then": "derefter, herefter, deretter, så, efterfulgt af, etterfulgt av",
        "most": (
            "højst, højest, op til, maks, maksimalt, max, opp til, høyst, inntil, indtil, ikke mere end, ikke mer enn"
        ),
        "needed": "ved behov, efter behov, vb, pn, p.n., v.b., behov, etter behov, ved smerter, ved smerte",
        "lasting": "i, i løbet af, i løpet av",
        "before": "før, efter, etter, mellem, mellom, mindst, minst, adskilt fra, sammen med",
        "meals": (
            "til måltid, til måltider, med mad, til maden, efter måltid, med mat, sammen med mat, før måltid, "
            "ved måltid, ved måltider, til måltiderne, til måltidene, i forbindelse med måltid, med måltid, "
            "etter måltid, mellem måltider, mellom måltider, ved måltiderne, sammen med mad, "
            "i forbindelse med måltider, ved måltidene, efter maden, før maden"
        ),
        "hour": {
            "MORN": (
                "morgen, om morgenen, morgenmad, til morgenmad, morgon, formiddag, om formiddagen, hver morgen, "
                "til frokost"
            ),
            "NOON": "middag, om middagen, lunsj, kl 12",
            "AFT": "eftermiddag, om eftermiddagen, ettermiddag, om ettermiddagen",
            "EVE": "aften, om aftenen, kveld, om kvelden, aftensmad, til aftensmad, kvelds, hver aften, hver kveld",
            "NIGHT": (
                "nat, til natten, før sengetid, natt, til natta, ved sengetid, sengetid, til nat, om natten, "
                "før leggetid, ved leggetid"
            ),
        },
        "weekday": {
            "mon": "mandag",
            "tue": "tirsdag",
            "wed": "onsdag",
            "thu": "torsdag",
            "fri": "fredag",
            "sat": "lørdag",
            "sun": "søndag",
        },
        "split": "doser fordelt, fordelt på, delte doser",
        "each": "hver gang, ad gangen, per dose, pr gang, pr. gang, om gangen",
        "stop": (
            "stop, stoppes, stoppet, seponeres, seponeret, seponert, må ikke tages, ikke tag, tag ikke, pauseret, "
            "pause, pauses, ikke ta, avsluttet, skal ikke tas, skal ikke tages, afsluttet, pausert, ikke bruk, "
            "tas ikke, tages ikke, stoppede, ophørt, sluttet, tager ikke længere, tar ikke lenger"
        ),
        "if": "hvis",
        "change": (
            "ikke, undtagen, øges, nedtrappes, skema, efter skema, uden, unntatt, uten, men, etter skjema, "
            "trappes, kun, bare"
        ),
        "dispensed": "pakning, pakninger, pakke",
        "purpose": "mod, med, mot, af, av, på, grundet, ved, fra",
        "said": (
            "ikke stop, må ikke stoppes, ikke seponeres, 1 glas vand, 1 glass vann, tages, tag, ta, tas, oralt, "
            "gennem munden, synkes, tygges, vand, vann, med vand, med vann, et glas vand, med et glas vand, "
            "opløses, oppløses, daglig dosis, som aftalt, fast, peroral, peroralt, po, svelges, skal, kl, "
            "et glass vann, med et glass vann, i munnen, dosering, som avtalt, den, det, kan, i vand, løses i vann"
        ),
    },
)
