"""How routes and dose forms are called in the languages of the records, without accents.

``MOUTH``, ``INJECTED`` and ``PLACED`` say a route; ``SOLID`` are dose forms that are swallowed or chewed where nothing
else is said. ``BREATHED`` counts before all of them. Drops, powders and solutions say nothing: they are drunk, dropped,
or injected. A word ends where its letters end; ``*`` stands for any end. The words of scripts without spaces stand
apart: they are found inside of longer ones.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cds.intake.terminology.spelling import without_accents


class Words(NamedTuple):
    """The words of a route in scripts with spaces, and in those without."""

    spaced: str
    wide: str = ""


MOUTH = Words(
    "per os, p.o., oral, orale, orales, oraal, oralt, oralne, peroral, peroralt, perorale, perorales, peroralni, "
    "peroralne, suun kautta, zum einnehmen, par la bouche, per bocca, por boca, pela boca, "
    "gennem munden, genom munnen, gjennom munnen, via de mond, door de mond, doustnie, doustny, doustna, ustami, usty, "
    "sublingualt, sublinguale, sublingualis, sublingvalni, unter die zunge, sous la langue, zum schlucken, buvable*, "
    "innemen, a avaler, da ingerire, buv, sol or, sol. or., os soluz, os gtt, os sosp, por gtt, por sol, por tbl",
    "口服 経口 经口 經口 内服 內服 경구 舌下 嚼服 含服 内用",
)
INJECTED = Words(
    "injektion*, infusion*, intravenos*, subkutan*, intramuskular*, intraveineu*, sous-cutane*, sous cutane*, "
    "intramusculair*, perfusion*, endovenos*, sottocutane*, intramuscol*, intravenosa, subcutane*, inyect*, inyecc*, "
    "injet*, intraveneu*, subcutaan, injectie*, inspuiting, laskimoon, ihon alle, lihakseen, injektio*, infuusio*, "
    "ruiske, dozylnie, dozylny, podskornie, podskorny, domiesniowo, zastrzyk*, wstrzykni*, nitrozilne, injekce, "
    "injekcni, podkozne, intramuskul*, infuse, infuz*, fertigspritze*, spritze*, iniezione, iniettabile, "
    "subkutant, intravenost, seringue preremplie, kertaruisku, flebo*, endovenosa, "
    "ivl, ivd, ivse, ivdl",
    "静注 静脈 静脉 靜脈 皮下注 皮下 筋注 筋肉内 肌注 肌肉 注射 点滴 输液 輸液 静滴 주사 정맥 피하 근육",
)
BREATHED = Words(
    "inhal*, inalazione, inalatori*, inhalatie, inhalasjon, inandning, hengitettav*, wziewnie, wziewny, inhalac*, "
    "vernebl*, aerosol*, aerosolterap*, nebuliz*, nebulis*, dosieraerosol",
    "吸入 喷雾 噴霧 ネブライザー 흡입",
)
PLACED = Words(
    "rektal, rektalt, rektale, rectaal, rectale, rettale, rectales, rektalne, rektalni, retal, suppositori*, "
    "supp, zapfchen, zetpil, zetpillen, suppositoire, suppositoires, supposta, supposte, supositorio*, stikpille*, "
    "stolpille*, stikpiller, perapuikko*, perasuoleen, perasuoli, czopek, czopki, cipek, cipky, doodbytniczo, klysma, "
    "lavement, clisma, enema, klistier, mikroklist, einlauf, salbe, salben, creme*, pommade, crema, pomata, "
    "pomada, unguento, zalf, zalven, salve, krem, kram, voide, masc, pasta cutanea, losjon, "
    "augentropfen, augensalbe, ohrentropfen, nasentropfen, nasenspray, collyre*, collirio, colirio*, oogdruppel*, "
    "oogzalf, oordruppel*, neusspray, neusdruppel*, ojendrab*, oyedrap*, ogondropp*, silmatip*, korvatip*, nasal*, "
    "krople do oczu, krople do nosa, ocni kapky, nosni sprej, topisch, topico, topica, topique, topicamente, lokalt, "
    "lokal, voie cutanee, cutaneo, cutanea, kutan, kutant, dermal, auf die haut, sur la peau, iholle, na skore, "
    "vaginal*, vaginaal, emattimeen, dopochwowo, vaginalni, ovule, ovules, ovulo, ovulos, ovuli, pflaster, transderm*, "
    "parche*, cerotto, cerotti, pleister*, laastari*, plaster*, naplast*, auge, augen, okular, ocular, "
    "oculaire, oculare, oftalmic*, ophtalmique, oogheelkundig, uso externo, externo, ausserlich, zum auftragen, "
    "auftragen, aplicar, applicare, appliquer, aanbrengen, smores, stryk*",
    "坐剤 坐薬 栓剂 栓劑 直肠 直腸 軟膏 软膏 乳膏 クリーム ローション 外用 塗布 点眼 滴眼 "
    "眼药 眼藥 点鼻 滴鼻 貼付 贴 貼 湿布 外涂 연고 좌제 점안",
)
SOLID = Words(
    "tablette*, tabl, tbl, filmtabl, filmtablette*, kautabl, kautablette*, brausetabl, brausetablette*, "
    "lutschtablette*, "
    "schmelztablette*, retardtablette*, kapsel, kapseln, weichkapsel*, hartkapsel*, dragee*, kps, comprime, comprimes, "
    "gelule, gelules, compressa, compresse, cpr, cps, comprimido, comprimidos, capsula, capsulas, capsule*, confetti, "
    "kauwtablet*, bruistablet*, tablett, tabletter, tuggtablett*, tyggetablet*, brusetablet*, brustablett*, kapsler, "
    "kapslar, tabletti, tabletit, purutabletti*, poretabletti*, kapseli*, tabletka, tabletki, kapsulka, kapsulki, "
    "tableta, tablety, tobolka, tobolky, tabletas, pastilla*, pastille*, pastiglia, pastiglie, "
    "zvykaci tablety, sumive tablety, potahovane tablety",
    "片剂 錠 锭 カプセル 胶囊 膠囊 咀嚼片 顆粒 颗粒 細粒 정제 캡슐 片",
)


def pattern(*listed: Words) -> re.Pattern[str]:
    """Finds the words in a text without accents: whole words, and those of wide scripts anywhere."""
    spaced = sorted(
        {_word(word.strip()) for words in listed for word in words.spaced.split(",")}, key=len, reverse=True
    )
    wide = [re.escape(without_accents(word)) for words in listed for word in words.wide.split()]
    return re.compile("|".join([rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)", *wide]), re.I)


def _word(word: str) -> str:
    return re.escape(word).replace(r"\*", r"\w*")
