"""How directions are written in Czech and Slovak."""

from __future__ import annotations

from cds.intake.sigs.language import Language

CZECH = Language(
    "Czech and Slovak",
    {
        "number": {
            0.5: "půl, polovina, polovinu, pol",
            1: "jedna, jednu, jeden, jedno",
            2: "dvě, dva, dve",
            3: "tři, tri",
            4: "čtyři, štyri",
            5: "pět",
            6: "šest",
            8: "osm",
            12: "dvanáct",
        },
        "form": (
            "ampule, ampuli, ampulí, tableta, tablety, tabletu, tablet, tbl, tabl, tab, žvýkací tableta, "
            "žvýkací tablety, "
            "žvýkací tabletu, šumivá tableta, šumivé tablety, kapsle, tobolka, tobolky, tobolku, tob, cps, kus, "
            "kusy, ks, sáček, sáčky, sáčku, dávka, dávky, potahovaná tableta, kapka, kapky, kapek, kapsula, "
            "kapsuly, kapsulu"
        ),
        "unit": {
            "mg": "miligram, miligramů",
            "g": "gram, gramů",
            "ug": "mikrogram, mikrogramů",
            "ml": "mililitr, mililitrů",
            "[iu]": "mj, m.j., jednotek, iu",
            "5 ml": "lžička, lžičky, lžičku, čajová lžička",
            "15 ml": "lžíce, lžíci, polévková lžíce",
        },
        "times": "krát, x",
        "count": {
            1: "jednou, jedenkrát, 1krát, raz",
            2: "dvakrát, 2krát",
            3: "třikrát, 3krát, trikrát",
            4: "čtyřikrát",
        },
        "period": {
            1: "denně, denne, za den, každý den, /den, /d, za deň, dne",
            7: "týdně, týždenne, za týden, každý týden, /týden, týdne",
            30.4375: "měsíčně, mesačne, za měsíc, každý měsíc",
        },
        "length": {
            1 / 1440: "minuta, minuty, minut, min",
            1 / 24: "hodina, hodiny, hodin, hod, h, hodinách, hodín",
            1: "den, dny, dní, dnů, dni, dnech",
            7: "týden, týdny, týdnů, týždeň",
            30.4375: "měsíc, měsíce, měsíců",
        },
        "every": "každý, každé, po, každých",
        "other": "druhý",
        "often": {
            0.5: "obden, ob den, každý druhý den, každý 2 den",
        },
        "to": "až, do",
        "or": "nebo, alebo",
        "and": "a, a zároveň",
        "then": "poté, pak, následně, dále, potom",
        "most": "max, maximálně, nejvýše, nejvíce",
        "needed": (
            "dle potřeby, podle potřeby, při potížích, při bolesti, podľa potreby, d.p., v případě potřeby, p.p., "
            "při bolestech"
        ),
        "lasting": "po dobu, po dobu následujících",
        "before": "před, pred, odstup, mezi",
        "meals": (
            "po jídle, s jídlem, při jídle, před jídlem, během jídla, po jedle, pri jedle, mezi jídly, při jídlech"
        ),
        "hour": {
            "MORN": "ráno, ke snídani, po snídani, před snídaní",
            "NOON": "v poledne, poledne, k obědu, po obědě, na obed",
            "AFT": "odpoledne",
            "EVE": "večer, k večeři, po večeři, večeře",
            "NIGHT": "na noc, před spaním, noc, v noci",
        },
        "weekday": {
            "mon": "pondělí, pondelok",
            "tue": "úterý, utorok",
            "wed": "středa, středu, streda",
            "thu": "čtvrtek, štvrtok",
            "fri": "pátek, piatok",
            "sat": "sobota, sobotu",
            "sun": "neděle, neděli, nedeľa",
        },
        "split": "dílčích dávkách, rozděleně, v dílčích dávkách",
        "each": "pokaždé, jednorázově",
        "stop": (
            "vysadit, vysazeno, vysazen, neužívat, nebrat, přerušit, přerušeno, ukončit, ukončeno, stop, nepodávat, "
            "ex, přestal brát, přestala brát, přestal užívat, přestala užívat, neužívá, nebere"
        ),
        "if": "pokud",
        "change": "ne, kromě, střídavě, zvýšit, snížit, dle schématu, bez, ale, podle schématu",
        "dispensed": "balení, bal",
        "purpose": "na, proti, s, v, pro, z důvodu, ve",
        "said": (
            "nevysazovat, nepřerušovat, užívat, užít, brát, perorálně, ústy, polykat, žvýkat, zapít vodou, vodou, "
            "vody, rozpustit, rozkousat, dle doporučení, podávat, trvale, zapít, užívejte, sklenice vody, "
            "ve vodě, vodě"
        ),
    },
)
