"""How directions are written in Polish."""

from __future__ import annotations

from cds.intake.sigs.language import Language

POLISH = Language(
    "Polish",
    {
        "number": {
            0.5: "pół, połowa, połowę, połówka, połówkę",
            1: "jedna, jedną, jeden, jedno",
            1.5: "półtorej, półtora",
            2: "dwa, dwie",
            3: "trzy",
            4: "cztery",
            5: "pięć",
            6: "sześć",
            8: "osiem",
            10: "dziesięć",
            12: "dwanaście",
        },
        "form": (
            "ampułka, ampułki, ampułkę, tabletka, tabletki, tabletkę, tabletek, tabl, tab, tbl, "
            "tabletka musująca, tabletki musujące, "
            "kapsułka, kapsułki, kapsułkę, kapsułek, kaps, sztuka, sztuki, szt, saszetka, saszetki, saszetkę, "
            "sasz, dawka, dawki, tabletka do żucia, tabletki do żucia, tabletkę do żucia, drażetka, drażetki, "
            "pigułka, kropla, krople, kropli"
        ),
        "unit": {
            "mg": "miligram, miligramów",
            "g": "gram, gramów",
            "ug": "mikrogram, mikrogramów",
            "ml": "mililitr, mililitrów",
            "[iu]": "jm, j.m., jednostek, j",
            "5 ml": "łyżeczka, łyżeczki, łyżeczkę",
            "15 ml": "łyżka, łyżki, łyżkę",
        },
        "times": "razy, raz, x",
        "period": {
            1: "dziennie, na dobę, na dzień, codziennie, /dobę, /dzień, /d, w ciągu doby, każdego dnia, dz, dobę",
            7: "tygodniowo, w tygodniu, na tydzień, co tydzień, /tydzień",
            30.4375: "miesięcznie, w miesiącu, na miesiąc, co miesiąc",
        },
        "length": {
            1 / 1440: "minut, minuty, min",
            1 / 24: "godzina, godziny, godzin, godz, h",
            1: "dzień, dni, doba, doby",
            7: "tydzień, tygodnie, tygodni, tyg",
            30.4375: "miesiąc, miesiące, miesięcy, mies",
        },
        "every": "co, każdy, każdego",
        "other": "drugi",
        "often": {
            0.5: "co drugi dzień, co 2 dzień, co drugą dobę, co 2 dni",
        },
        "per": "na",
        "to": "do",
        "or": "lub, albo",
        "and": "i, oraz",
        "then": "następnie, potem, później",
        "most": "maksymalnie, max, nie więcej niż, najwyżej, maks, do maksymalnie",
        "needed": "w razie potrzeby, w razie bólu, doraźnie, w razie konieczności, w razie dolegliwości",
        "lasting": "przez, przez okres",
        "before": "przed, po, odstęp, między",
        "meals": (
            "z posiłkiem, podczas posiłku, po posiłku, przed posiłkiem, w trakcie posiłku, podczas posiłków, "
            "po posiłkach, w czasie posiłku, po jedzeniu, w czasie posiłków, między posiłkami, przed posiłkami, "
            "w trakcie posiłków"
        ),
        "hour": {
            "MORN": "rano, z rana, do śniadania, po śniadaniu, przed śniadaniem, co rano",
            "NOON": "w południe, południe, do obiadu, po obiedzie",
            "AFT": "po południu",
            "EVE": "wieczorem, wieczór, do kolacji, po kolacji",
            "NIGHT": "na noc, przed snem, noc, w nocy",
        },
        "weekday": {
            "mon": "poniedziałek, poniedziałki",
            "tue": "wtorek, wtorki",
            "wed": "środa, środę, środy",
            "thu": "czwartek, czwartki",
            "fri": "piątek, piątki",
            "sat": "sobota, sobotę, soboty",
            "sun": "niedziela, niedzielę, niedziele",
        },
        "split": "dawkach podzielonych, w dawkach podzielonych, w dawkach, dawki podzielone",
        "each": "każdorazowo, jednorazowo",
        "stop": (
            "odstawić, odstawiono, nie przyjmować, nie brać, wstrzymać, wstrzymano, przerwać, odstawiony, stop, "
            "nie stosować, zakończono, odstawił, odstawiła, nie przyjmuje, nie bierze, przestał brać, przestała brać"
        ),
        "if": "jeśli, jeżeli",
        "change": "nie, oprócz, na przemian, zwiększyć, zmniejszyć, według schematu, bez, ale, wg schematu, schemat",
        "dispensed": "opakowanie, opakowania, op",
        "purpose": "przeciw, z, w, z powodu, ze",
        "said": (
            "nie odstawiać, nie przerywać, nie odstawiać samodzielnie, przyjmować, brać, zażywać, stosować, "
            "doustnie, przez usta, połykać, żuć, popić wodą, popijając wodą, wody, woda, rozpuścić, do połykania, "
            "rozgryźć, zażyć, szklanka wody, szklanką wody, popijając, zgodnie z zaleceniem, wodą, w wodzie"
        ),
    },
)
