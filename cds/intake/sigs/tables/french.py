"""How directions are written in French: France, Belgium, Switzerland, Canada."""

from __future__ import annotations

from cds.intake.sigs.language import Language

FRENCH = Language(
    "French",
    {
        "number": {
            0.25: "un quart, un quart de, quart",
            0.5: "demi, un demi, une demi, demie, la moitie de, demi-",
            1: "un, une, 1 seul, 1 seule",
            1.5: "un et demi, une et demie",
            2: "deux",
            3: "trois",
            4: "quatre",
            5: "cinq",
            6: "six",
            7: "sept",
            8: "huit",
            10: "dix",
            12: "douze",
        },
        "form": (
            "ampoule, ampoules, amp, co, comprimé, comprimés, cp, cps, cpr, comp, comprimé à croquer, "
            "comprimés à croquer, comprimé à sucer, "
            "comprimés à sucer, comprimé effervescent, comprimés effervescents, comprimé pelliculé, "
            "comprimés pelliculés, comprimé à sucer ou à croquer, cachet, cachets, gélule, gélules, gel, capsule, "
            "capsules, sachet, sachets, sachet-dose, dose, doses, pastille, pastilles, unité, gommes, gomme, "
            "goutte, gouttes"
        ),
        "unit": {
            "mg": "milligramme, milligrammes",
            "g": "gramme, grammes, gr",
            "ug": "microgramme, microgrammes, µg",
            "ml": "millilitre, millilitres",
            "[iu]": "ui, unités internationales, unités",
            "5 ml": "cuillère à café, cuillères à café, c. à c., cac, cuillerée à café, cuillère à thé",
            "15 ml": "cuillère à soupe, cuillères à soupe, c. à s., cas, cuillerée à soupe",
        },
        "times": "fois, x, f",
        "period": {
            1: (
                "par jour, /jour, /j, par 24 heures, par 24h, chaque jour, tous les jours, quotidien, "
                "quotidiennement, journalier, par j, le jour, jr, /24h, die"
            ),
            7: "par semaine, /semaine, /sem, hebdomadaire, chaque semaine, toutes les semaines",
            30.4375: "par mois, /mois, mensuel, chaque mois, tous les mois",
        },
        "length": {
            1 / 1440: "minute, minutes, min",
            1 / 24: "heure, heures, h",
            1: "jour, jours, j",
            7: "semaine, semaines, sem",
            30.4375: "mois",
        },
        "every": "toutes les, tous les, chaque, ttes les, toute les",
        "often": {
            0.5: "un jour sur deux, 1 jour sur 2, 1 j/2, un jour/deux, tous les deux jours",
        },
        "per": "par",
        "to": "à",
        "or": "ou",
        "and": "et, plus",
        "then": "puis, ensuite, suivi de, suivis de, et ensuite",
        "most": "max, maximum, au maximum, jusqu'à, ne pas dépasser, sans dépasser, au plus, maximum de, pas plus de",
        "needed": (
            "si besoin, si nécessaire, au besoin, en cas de besoin, si douleur, si douleurs, à la demande, sb, "
            "si bes, en cas de douleur"
        ),
        "lasting": "pendant, durant, pour, qsp, pdt",
        "before": (
            "avant, après, à distance de, à distance, entre, à distance des, avant ou après, d'intervalle, éviter"
        ),
        "meals": (
            "au repas, aux repas, pendant les repas, au cours des repas, au moment des repas, avant les repas, "
            "après les repas, à chaque repas, avec les repas, au milieu des repas, en dehors des repas, "
            "au cours du repas, pendant le repas, avant le repas, après le repas, entre les repas, "
            "au moment du repas, au cours d'un repas"
        ),
        "hour": {
            "MORN": (
                "matin, le matin, au petit déjeuner, petit déjeuner, chaque matin, tous les matins, "
                "petit-déjeuner, au lever, au réveil, au petit-déjeuner, avec le petit déjeuner"
            ),
            "NOON": "midi, le midi, à midi, au déjeuner, déjeuner",
            "AFT": "après-midi, l'après-midi, goûter, au goûter, 16h",
            "EVE": "soir, le soir, au dîner, dîner, chaque soir, tous les soirs, au souper, souper",
            "NIGHT": "au coucher, coucher, le soir au coucher, la nuit, nuit, au moment du coucher, avant le coucher",
        },
        "weekday": {
            "mon": "lundi, lundis",
            "tue": "mardi, mardis",
            "wed": "mercredi, mercredis",
            "thu": "jeudi, jeudis",
            "fri": "vendredi, vendredis",
            "sat": "samedi, samedis",
            "sun": "dimanche, dimanches",
        },
        "split": "prises, répartis en, à répartir en, prises par jour, en prises, prises réparties",
        "each": "chaque fois, à chaque fois, par prise, à chaque prise",
        "stop": (
            "arrêter, arrêt, arrêté, stop, ne pas prendre, ne plus prendre, suspendre, suspendu, interrompre, "
            "ne pas donner, ne pas administrer, interrompu, stoppé, ne prend plus, ne le prend plus"
        ),
        "if": "si",
        "change": (
            "sauf, ne, pas, alternance, en alternance, augmenter, diminuer, sans, selon, selon schéma, jusqu'au, "
            "mais, excepté"
        ),
        "dispensed": "boîte, boîtes, boîte de, bte, nombre de boîtes",
        "purpose": "contre, avec, dans, en raison de, du, des, en cas de, traitement de, sur, d'eau, dans un, en",
        "said": (
            "ne pas arrêter, ne pas interrompre, sans interruption, ne pas suspendre, dans 1 verre d'eau, "
            "1 verre d'eau, prendre, à prendre, donner, croquer, à croquer, avaler, à avaler, sucer, à sucer, "
            "à dissoudre, dissoudre, boire, par voie orale, voie orale, per os, orale, oral, la bouche, "
            "par la bouche, avec de l'eau, eau, avec un verre d'eau, dans un verre d'eau, un verre d'eau, "
            "verre d'eau, le, la, les, de, d', l', heures fixes, en continu, comme prescrit, à jeun, "
            "régulièrement, au long cours, traitement, de façon, administrer, quotidienne, dose quotidienne, au, "
            "aux"
        ),
    },
)
