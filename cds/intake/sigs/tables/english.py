"""How directions are written in English."""

from __future__ import annotations

from cds.intake.sigs.language import Language

ENGLISH = Language(
    "English",
    {
        "number": {
            0.25: "quarter, a quarter, one quarter, quarter of a, a quarter of a",
            0.5: "half, half a, one half, half of a, half of one, one half of a, a half, one-half, ss",
            1: "one, i, single, the contents of one",
            1.5: "one and a half, one and one half, one and one-half, a and a half",
            2: "two, ii, a couple of",
            2.5: "two and a half",
            3: "three, iii",
            4: "four, iv tabs, iiii",
            5: "five",
            6: "six",
            7: "seven",
            8: "eight",
            9: "nine",
            10: "ten",
            12: "twelve",
            14: "fourteen",
            30: "thirty",
        },
        "article": "a, an",
        "form": (
            "ampoule, ampoules, ampule, ampules, amp, amps, tablet, tablets, tab, tabs, caplet, caplets, "
            "capsule, capsules, cap, caps, chew, chews, chewable, "
            "chewables, chewtab, chewtabs, chew tab, chew tabs, chewable tablet, chewable tablets, gummy, "
            "gummies, softgel, softgels, soft gel, soft gels, pill, pills, lozenge, lozenges, wafer, wafers, "
            "packet, packets, pkt, pkts, pack, sachet, sachets, dose, doses, dose unit, ea, effervescent tablet, "
            "effervescent tablets, film-coated tablet, piece, pieces, scoop, scoops, gelcap, gelcaps, unit dose, "
            "drop, drops, gtt, gtts, tabs/caps, tab/cap"
        ),
        "unit": {
            "5 ml": "teaspoon, teaspoons, teaspoonful, teaspoonfuls, teaspoonsful, tsp, tsps, tsf",
            "15 ml": "tablespoon, tablespoons, tablespoonful, tablespoonfuls, tbsp, tbsps",
            "mg": "mg elemental, milligram elemental",
            "oz": "oz, ounce, ounces, fl oz",
        },
        "times": "times, time, x",
        "count": {
            1: "once",
            2: "twice",
            3: "thrice",
        },
        "often": {
            2: "bi-daily",
            0.5: (
                "every other day, every second day, alternate days, alternate day, on alternate days, "
                "every alternate day"
            ),
        },
        "period": {
            1: (
                "daily, a day, per day, each day, everyday, every day, in a day, in 24 hours, per 24 hours, /day, "
                "/d, dly, every 24 hours, od daily, through the day, throughout the day"
            ),
            7: "weekly, a week, per week, each week, every week, in a week, /week, /wk",
            30.4375: "monthly, a month, per month, each month, every month, /month",
        },
        "length": {
            1 / 1440: "minute, minutes, min, mins",
            1 / 24: "hour, hours, hr, hrs, h",
            1: "day, days, d",
            7: "week, weeks, wk, wks, w",
            30.4375: "month, months, mo, mth, mths",
            365.25: "year, years, yr, yrs",
        },
        "hourly": {
            1 / 24: "hourly",
        },
        "every": "every, each, q",
        "other": "other, second, alternate",
        "per": "per, in each",
        "to": "to",
        "or": "or",
        "and": "and, plus, as well as, &",
        "then": "then, followed by, thereafter, afterwards, and then, then continue, then take, loading then",
        "most": (
            "up to, max, maximum, maximum of, no more than, not more than, do not exceed, not to exceed, "
            "don't exceed, do not take more than, max dose, maximum dose, max daily dose, at most, less than, upto"
        ),
        "needed": (
            "as needed, if needed, as required, when required, if required, when needed, as necessary, "
            "if necessary, when necessary, prn, only if needed, whenever needed, as needed for, prn for, "
            "only when needed, if symptomatic"
        ),
        "lasting": "for, for the next, for a total of, over",
        "before": (
            "before, after, prior to, apart, apart from, away from, between, following, before or after, "
            "separate from, separately from, within, do not take within, do not take with, take apart from, "
            "do not take at the same time as, do not take together with, not with, not together with"
        ),
        "meals": (
            "w/ meals, w/ each meal, with meals, with each meal, with a meal, with meal, after meals, "
            "before meals, after each meal, at meals, before each meal, between meals, at mealtimes, "
            "at meal times, with every meal, after food, before food, pc meals, after every meal, at meal time, "
            "in between meals"
        ),
        "hour": {
            "MORN": (
                "in the morning, every morning, each morning, morning, mornings, am, om, qam, with breakfast, "
                "at breakfast, after breakfast, before breakfast, breakfast, in am, in the am, every am, "
                "upon waking, in mornings"
            ),
            "NOON": (
                "at noon, noon, midday, at midday, lunch, lunchtime, with lunch, at lunch, at lunchtime, "
                "after lunch, before lunch"
            ),
            "AFT": "in the afternoon, afternoon, every afternoon, with afternoon snack",
            "EVE": (
                "in the evening, every evening, each evening, evening, evenings, pm, qpm, with dinner, "
                "with supper, dinner, supper, with evening meal, with the evening meal, before dinner, "
                "after dinner, at dinner, at supper, at teatime, teatime, in the pm, in pm, every pm, "
                "after supper, before supper"
            ),
            "NIGHT": (
                "at night, nightly, each night, every night, night, at bedtime, bedtime, before bed, "
                "before bedtime, qhs, hs, nocte, with bedtime, in the night, on going to bed, at bed time, "
                "every bedtime, nights"
            ),
        },
        "weekday": {
            "mon": "monday, mondays, mon",
            "tue": "tuesday, tuesdays, tue, tues",
            "wed": "wednesday, wednesdays, wed",
            "thu": "thursday, thursdays, thu, thur, thurs",
            "fri": "friday, fridays, fri",
            "sat": "saturday, saturdays, sat",
            "sun": "sunday, sundays, sun",
        },
        "split": "divided doses, in divided doses, divided, divided into",
        "each": "each time, per dose, at a time",
        "stop": (
            "stop, stop taking, do not take this, do not take this medication, do not take this medicine, "
            "discontinue, discontinued, hold, on hold, on hold until, dc'd, d/c, not taking, no longer taking, "
            "do not use, stopped, do not give, not to be taken, do not take any more, stop this medication, "
            "not currently taking, no administration required, do not administer, ceased, cease, withhold, "
            "withheld, pause, paused, suspended, patient not taking, do not start, is not taking, never took, "
            "hold dose, hold until, stop on, do not take today, do not take until, do not take anymore, "
            "do not take for now, temporarily stopped"
        ),
        "avoid": "do not take, don't take",
        "if": "if, unless",
        "change": (
            "except, alternating, increase, reduce, decrease, titrate, taper, tapering, increasing, decreasing, "
            "not, no, but, only, until, without, less, more, skip, instead, except on, starting, per protocol, "
            "sliding scale, per sliding scale, ordered, loading"
        ),
        "dispensed": (
            "r, disp, dispense, dispensed, refills, refill, qty, quantity, supply, supply of, bottle of, box of, "
            "pack of, days supply, #"
        ),
        "purpose": (
            "with, to treat, to prevent, due to, indication, reason, of, by, from, into, in, on, because of, "
            "indications, note, in a glass of"
        ),
        "said": (
            "w/ food, w/, wf, suck or chew, chew or suck, to be chewed, to be swallowed, to be sucked, "
            "in 1 glass of water, 1 glass of water, rectally, vaginally, topically, sublingually, "
            "under the tongue, inject, injected, injection, inhale, apply, fasting, to be taken, be taken, "
            "to take, take, takes, taking, give, administer, chewed, swallow, swallow whole, dissolve, drink, "
            "use, by mouth, orally, oral, po, by oral route, via oral route, oral route, total, mouth, with food, "
            "with water, with milk, with or without food, with a full glass of water, full glass of water, "
            "glass of water, with plenty of water, water, food, plenty of fluids, with food or milk, with juice, "
            "on an empty stomach, empty stomach, as directed, as prescribed, please, at, in the, the, your, you, "
            "this medicine, this medication, it, is, be, are, by mouth route, regularly, at the same time, "
            "at the same time each day, same time, around the same time every day, at any time of day, "
            "approximately, about, scheduled, chewed or crushed, do not crush, do not chew, do not crush or chew, "
            "do not stop taking, do not stop, do not stop taking without talking to your doctor, "
            "do not stop without talking to your doctor, whole, well, and swallow, then swallow, "
            "hold under the tongue, hold in mouth, hold in the mouth, every time, patient, oral tablet, "
            "oral capsule, in divided, elemental, daily dose, med, with snack, with a snack, followed by water, "
            "mix, mixed, stir, crush, full, tablet form, together, regular, continuously, continue, "
            "with or after food, without regard to meals, without regard to food, with or without meals, "
            "after food or meals, otc, over the counter, home med, self administered, approx, in total, strength, "
            "mouth route, thoroughly, at least, at regular intervals, start, end, start date, end date, "
            "do not take on an empty stomach, moderate, complete the prescribed course unless otherwise directed, "
            "by po route, one time, dissolved in water, in water, dissolved, mixed with water, mixed in water, "
            "not stopped, not been stopped, never stopped, until stopped, not discontinued"
        ),
    },
    comma_parts_thousands=True,
)
