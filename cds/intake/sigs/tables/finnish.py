"""How directions are written in Finnish."""

from __future__ import annotations

from cds.intake.sigs.language import Language

FINNISH = Language(
    "Finnish",
    {
        "number": {
            0.5: "puolikas, puoli, puolikasta",
            1: "yksi, yhden",
            1.5: "puolitoista",
            2: "kaksi",
            3: "kolme",
            4: "neljä",
            5: "viisi",
            6: "kuusi",
            8: "kahdeksan",
            10: "kymmenen",
            12: "kaksitoista",
        },
        "form": (
            "ampulli, ampullia, tabletti, tablettia, tabletin, tbl, tabl, tab, purutabletti, purutablettia, "
            "purutabl, poretabletti, "
            "poretablettia, kapseli, kapselia, kaps, kpl, kappale, kappaletta, annospussi, annospussia, pussi, "
            "pussia, annos, annosta, pilleri, pilleriä, imeskelytabletti, imeskelytablettia, tippa, tippaa"
        ),
        "unit": {
            "mg": "milligramma, milligrammaa",
            "g": "gramma, grammaa",
            "ug": "mikrogramma, mikrogrammaa, mikrog",
            "ml": "millilitra, millilitraa",
            "[iu]": "ky, iu, yksikkö, yksikköä",
            "5 ml": "teelusikka, teelusikallinen, teelusikallista",
            "15 ml": "ruokalusikka, ruokalusikallinen, ruokalusikallista",
        },
        "times": "kertaa, x, krt",
        "count": {
            1: "kerran, yhden kerran",
            2: "kahdesti, kaksi kertaa",
            3: "kolmesti, kolme kertaa",
        },
        "period": {
            1: "päivässä, päivittäin, vuorokaudessa, joka päivä, /vrk, /pv, /päivä, vrk:ssa, vuorok",
            7: "viikossa, viikoittain, joka viikko, /viikko, /vko, kerran viikossa",
            30.4375: "kuukaudessa, kuukausittain, joka kuukausi, /kk",
        },
        "length": {
            1 / 1440: "minuutti, minuuttia, min",
            1 / 24: "tunti, tuntia, tunnin, h, t",
            1: "päivä, päivää, päivän, vrk, vuorokausi, vuorokauden, pv",
            7: "viikko, viikkoa, viikon, vko",
            30.4375: "kuukausi, kuukautta, kuukauden, kk",
        },
        "every": "joka",
        "other": "toinen",
        "apart": "välein, valein",
        "often": {
            0.5: "joka toinen päivä, joka toinen vrk, joka 2 päivä, joka toisena päivänä",
        },
        "to": "viiva",
        "or": "tai",
        "and": "ja, sekä",
        "then": "sitten, sen jälkeen, tämän jälkeen, minkä jälkeen",
        "most": "enintään, korkeintaan, max, maks, enint",
        "needed": "tarvittaessa, tarv, tarpeen mukaan, tarv., tarvitt, särkyyn tarvittaessa",
        "lasting": "ajan",
        "before": "ennen, jälkeen, erillään, eri aikaan kuin, väli",
        "meals": (
            "aterian yhteydessä, ruokailun yhteydessä, ruoan kanssa, aterioiden yhteydessä, aterian jälkeen, "
            "ruuan kanssa, ennen ateriaa, ruokailun jälkeen, aterioiden välillä, ruokaillessa, ennen ruokailua"
        ),
        "hour": {
            "MORN": "aamulla, aamuisin, aamu, aamiaisella, aamuin, aamupäivällä, joka aamu",
            "NOON": "päivällä, keskipäivällä, lounaalla, lounaan yhteydessä",
            "AFT": "iltapäivällä",
            "EVE": "illalla, iltaisin, ilta, illoin, päivällisellä, joka ilta, iltaruoalla",
            "NIGHT": "yöksi, yöllä, nukkumaan mennessä, ennen nukkumaanmenoa, yö, nukkumaanmennessä",
        },
        "weekday": {
            "mon": "maanantaisin, maanantai, maanantaina",
            "tue": "tiistaisin, tiistai, tiistaina",
            "wed": "keskiviikkoisin, keskiviikko, keskiviikkona",
            "thu": "torstaisin, torstai, torstaina",
            "fri": "perjantaisin, perjantai, perjantaina",
            "sat": "lauantaisin, lauantai, lauantaina",
            "sun": "sunnuntaisin, sunnuntai, sunnuntaina",
        },
        "each": "kerrallaan, kerta-annoksena",
        "stop": (
            "lopeta, lopetettu, älä ota, ei oteta, tauolla, keskeytetty, tauotettu, lopetetaan, ei saa ottaa, "
            "tauko, stop, lopettanut, lopetti"
        ),
        "if": "jos",
        "change": "ei, paitsi, vuorotellen, nostetaan, lasketaan, ohjeen mukaan, ilman, mutta, kaavion mukaan",
        "dispensed": "pakkaus, pakkausta",
        "purpose": "kipuun, vuoksi, hoitoon, takia, varten, särkyyn",
        "said": (
            "ota, otetaan, suun kautta, veden kanssa, niellään, pureskellaan, vettä, vedellä, ohjeen mukaisesti, "
            "säännöllisesti, nieltynä, lasillinen vettä, pureskeltuna, liuotetaan veteen, liuotettuna, suuhun"
        ),
    },
)
