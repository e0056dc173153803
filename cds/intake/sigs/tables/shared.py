"""What prescribers of all countries write: abbreviations of Latin, signs, and units.

bd, tds, om: British; tid, qid: American; 1dd: Dutch; OD and HS: Indian. ``od`` is also the right eye, which nothing
that is counted in tablets goes into.
"""

from __future__ import annotations

from cds.intake.sigs.language import Table

SHARED: Table = {
    "times": "x, dd",
    "often": {
        1: "qd, od, o d, qday, q d, uid, sid",
        2: "bid, bd, b d, bds, twd, 12/12h, 12/12 h, bidwm, bidac, bidpc, bidcc, bid-wm, 2id",
        3: "tid, tds, t d s, 8/8h, 8/8 h, tidwm, tidac, tidpc, tidcc, tid-wm, 3id",
        4: "qid, qds, qd s, q i d, 6/6h, 6/6 h, qidwm, qidac, qidpc, qidachs, tidachs, 4id",
        0.5: "qod, eod, q o d, alt die, alternis diebus",
        3 / 7: "tiw",
        2 / 7: "biw",
        1 / 7: "qwk, qweek, qw",
    },
    "hour": {
        "MORN": "qam, am, mane, q am, bbf, abf",
        "EVE": "qpm, pm, vesp, q pm",
        "NIGHT": "qhs, hs, nocte, noct, qn, q hs, on nocte, qnight, nightly",
        "NOON": "noon",
    },
    "meals": "ac, pc, ac pc, wm, w m",
    "needed": "prn, sos, p r n, si necesse sit",
    "every": "q",
    "length": {
        1: "d, day",
        1 / 24: "h, hr, hrs, hour, hours",
    },
    "unit": {
        "mg": "mg, milligram, milligrams, mgs",
        "g": "g, gm, gms, gram, grams",
        "ug": "ug, mcg, microgram, micrograms",
        "ml": "ml, cc, milliliter, millilitre, milliliters, millilitres, mls",
        "[iu]": "iu, ui, u, units, unit, ie, unt, international units, international unit",
        "mmol": "mmol",
        "meq": "meq",
    },
    "form": "tab, tabs, tabl, tbl, cap, caps, tablet",
    "said": (
        "po, per os, os, oral, sl, rx, sig, s, iv, im, sc, sq, subq, ivp, ivpb, pr, pv, ng, ij, inj, inh, "
        "inhaled, nebulized, nebulised, neb, top, td, intravenously, intravenous, drip, continuous, subcutaneous, "
        "subcutaneously, intramuscular"
    ),
    "count": {
        1: "stat, once only, single dose",
    },
    "number": {
        0.5: "ss",
        1: "i tab",
    },
    "dispensed": "disp, dispense, refills, refill, qty, quantity, supply, rfl, mitte",
}
