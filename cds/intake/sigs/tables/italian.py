"""How directions are written in Italian."""

from __future__ import annotations

from cds.intake.sigs.language import Language

ITALIAN = Language(
    "Italian",
    {
        "number": {
            0.25: "un quarto, un quarto di",
            0.5: "mezza, mezzo, mezza di, metà, metà di, 1/2, mezz'",
            1: "una, un, uno, un altra, un'altra, un altro",
            1.5: "una e mezza, un e mezzo",
            2: "due",
            3: "tre",
            4: "quattro",
            5: "cinque",
            6: "sei",
            7: "sette",
            8: "otto",
            10: "dieci",
            12: "dodici",
        },
        "form": (
            "fiala, fiale, compressa, compresse, cpr, cp, cps, compr, compressa masticabile, "
            "compresse masticabili, cpr mast, "
            "cpr masticabile, compressa effervescente, compresse effervescenti, cpr eff, cpr riv, "
            "compressa rivestita, compresse rivestite, capsula, capsule, cps molle, capsula molle, capsule molli, "
            "bustina, bustine, bust, bs, pastiglia, pastiglie, confetto, confetti, pillola, pillole, dose, dosi, "
            "unità, pz, goccia, gocce, gtt, compressa orosolubile, compresse orosolubili"
        ),
        "unit": {
            "mg": "milligrammi, milligrammo",
            "g": "grammo, grammi, gr",
            "ug": "microgrammi, mcg",
            "ml": "millilitri",
            "[iu]": "ui, unità internazionali",
            "5 ml": "cucchiaino, cucchiaini",
            "15 ml": "cucchiaio, cucchiai",
        },
        "times": "volte, volta, x, v",
        "period": {
            1: (
                "al giorno, al dì, /dì, die, /die, al di, pro die, ogni giorno, giornaliera, giornaliere, "
                "quotidianamente, nelle 24 ore, /giorno, nella giornata, tutti i giorni, /d, giornalmente, "
                "quotidiana"
            ),
            7: "alla settimana, a settimana, /settimana, settimanale, ogni settimana, settimanalmente, /sett",
            30.4375: "al mese, ogni mese, mensile, /mese, mensilmente",
        },
        "length": {
            1 / 1440: "minuto, minuti, min",
            1 / 24: "ora, ore, h",
            1: "giorno, giorni, gg",
            7: "settimana, settimane, sett",
            30.4375: "mese, mesi",
        },
        "every": "ogni, tutte le, tutti i",
        "often": {
            0.5: "a giorni alterni, giorni alterni, un giorno sì e uno no, un giorno sì ed uno no, ogni due giorni",
        },
        "per": "nelle",
        "to": "a",
        "or": "o, oppure",
        "and": "e, ed, più",
        "then": "poi, quindi, successivamente, seguita da, e poi, dopodiché",
        "most": (
            "max, massimo, al massimo, fino a, non superare, non più di, fino ad un massimo di, al bisogno fino a"
        ),
        "needed": (
            "al bisogno, se necessario, ab, in caso di bisogno, se bisogno, all'occorrenza, in caso di necessità, "
            "se dolore"
        ),
        "lasting": "per, durante, per la durata di",
        "before": (
            "prima, prima di, dopo, prima del, prima dei, dopo i, a distanza da, a distanza di, lontano da, "
            "distanza, prima della, dopo il, prima o dopo, lontano dai"
        ),
        "meals": (
            "ai pasti, durante i pasti, dopo i pasti, prima dei pasti, con i pasti, a stomaco pieno, "
            "lontano dai pasti, dopo pasto, durante il pasto, dopo il pasto, ai pasti principali, "
            "prima del pasto, tra i pasti, a pasto"
        ),
        "hour": {
            "MORN": (
                "mattina, la mattina, al mattino, mattino, ore 8, a colazione, colazione, dopo colazione, "
                "ogni mattina, prima di colazione, alla mattina, di mattina, il mattino"
            ),
            "NOON": "mezzogiorno, a mezzogiorno, a pranzo, pranzo, dopo pranzo, prima di pranzo",
            "AFT": "pomeriggio, nel pomeriggio, al pomeriggio, il pomeriggio",
            "EVE": "sera, la sera, alla sera, a cena, cena, dopo cena, ogni sera, di sera, prima di cena, ore 20",
            "NIGHT": (
                "notte, la notte, al coricarsi, prima di coricarsi, prima di dormire, prima di andare a letto, "
                "prima di andare a dormire, a letto"
            ),
        },
        "weekday": {
            "mon": "lunedì",
            "tue": "martedì",
            "wed": "mercoledì",
            "thu": "giovedì",
            "fri": "venerdì",
            "sat": "sabato",
            "sun": "domenica",
        },
        "split": (
            "somministrazioni, dosi refratte, in dosi, suddivise in, suddivisa in, in somministrazioni, suddivisi in"
        ),
        "each": "ogni volta, per volta, ciascuna, per dose, alla volta",
        "stop": (
            "sospendere, sospeso, sospesa, interrompere, interrotto, non assumere, non prendere, stop, "
            "non somministrare, non assumere più, sospensione, smettere, smesso, ha smesso di prenderlo, "
            "smesso di prendere, smesso di assumere, non assume più, non lo prende più"
        ),
        "if": "se",
        "change": (
            "non, tranne, eccetto, alternare, aumentare, ridurre, secondo schema, senza, secondo, ma, scalare, salvo"
        ),
        "dispensed": "scatola, scatole, confezione, confezioni, conf",
        "purpose": "contro, con, in, di, nel, del, della, dei, delle, un bicchiere, da, causa, su",
        "said": (
            "non sospendere, non interrompere, in 1 bicchiere d'acqua, 1 bicchiere d'acqua, 1 bicchiere di acqua, "
            "assumere, prendere, masticare, deglutire, sciogliere, per via orale, via orale, per os, orale, "
            "per bocca, os, con acqua, acqua, in acqua, in un bicchiere d'acqua, un bicchiere d'acqua, d'acqua, "
            "al, alla, il, lo, la, i, le, da assumere, come da prescrizione, a stomaco vuoto, somministrare, "
            "alle, alle ore, sciolta, disciolta, da masticare, sempre, terapia"
        ),
    },
)
