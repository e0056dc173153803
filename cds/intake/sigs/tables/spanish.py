"""How directions are written in Spanish: Spain and Latin America."""

from __future__ import annotations

from cds.intake.sigs.language import Language

SPANISH = Language(
    "Spanish",
    {
        "number": {
            0.25: "un cuarto, un cuarto de",
            0.5: "medio, media, mitad de, la mitad de",
            1: "un, una, uno, otro, otra",
            1.5: "uno y medio, una y media, un comprimido y medio",
            2: "dos",
            3: "tres",
            4: "cuatro",
            5: "cinco",
            6: "seis",
            7: "siete",
            8: "ocho",
            10: "diez",
            12: "doce",
        },
        "form": (
            "ampolla, ampollas, amp, comprimido, comprimidos, comp, comps, cp, cps, compr, comprimido masticable, "
            "comprimidos masticables, comprimido efervescente, comprimidos efervescentes, comprimido recubierto, "
            "comprimidos recubiertos, tableta, tabletas, tab, tabs, cápsula, cápsulas, caps, cáps, pastilla, "
            "pastillas, sobre, sobres, gragea, grageas, píldora, píldoras, unidad, unidades, ud, uds, dosis, "
            "gota, gotas, tableta masticable, tabletas masticables, comprimidos bucodispersables, "
            "comprimido bucodispersable"
        ),
        "unit": {
            "mg": "miligramo, miligramos",
            "g": "gramo, gramos, gr",
            "ug": "microgramo, microgramos, mcg",
            "ml": "mililitro, mililitros",
            "[iu]": "ui, unidades internacionales",
            "5 ml": "cucharadita, cucharaditas",
            "15 ml": "cucharada, cucharadas",
        },
        "times": "veces, vez, x",
        "period": {
            1: (
                "al día, diario, diaria, diarios, diarias, diariamente, por día, cada día, todos los días, "
                "a diario, /día, en 24 horas, al dia, /d, x día"
            ),
            7: "a la semana, por semana, semanal, cada semana, semanales, semanalmente, /semana",
            30.4375: "al mes, por mes, mensual, cada mes, mensualmente, /mes",
        },
        "length": {
            1 / 1440: "minuto, minutos, min",
            1 / 24: "hora, horas, h, hrs",
            1: "día, días, d",
            7: "semana, semanas, sem",
            30.4375: "mes, meses",
        },
        "every": "cada, c, c/, cda",
        "often": {
            0.5: "cada dos días, días alternos, en días alternos, un día sí y otro no, cada 2 días, cada tercer día",
        },
        "per": "en",
        "to": "a",
        "or": "o, u",
        "and": "y, e, más",
        "then": "luego, después continuar, seguido de, posteriormente, y luego",
        "most": (
            "hasta, máximo, max, máx, como máximo, no exceder, no superar, no más de, máximo de, hasta un máximo de"
        ),
        "needed": (
            "si precisa, según necesidad, si es necesario, a demanda, si dolor, prn, en caso necesario, "
            "si hay dolor, en caso de dolor, si necesario, según dolor"
        ),
        "lasting": "durante, por, por espacio de",
        "before": (
            "antes, antes de, después, después de, antes del, separado de, separado, antes de las, "
            "después de las, antes o después de, después del, tras"
        ),
        "meals": (
            "con las comidas, con comidas, después de las comidas, antes de las comidas, con la comida principal, "
            "después de comer, antes de comer, con cada comida, entre comidas, después de cada comida, "
            "en las comidas, con alimentos y comidas, antes de cada comida"
        ),
        "hour": {
            "MORN": (
                "mañana, por la mañana, en la mañana, mañanas, por las mañanas, desayuno, con el desayuno, "
                "en ayunas, cada mañana, después del desayuno, antes del desayuno, en desayuno"
            ),
            "NOON": (
                "mediodía, al mediodía, almuerzo, con el almuerzo, con la comida, en la comida, comida, al medio día"
            ),
            "AFT": "tarde, por la tarde, en la tarde, merienda, con la merienda",
            "EVE": "cena, con la cena, en la cena, después de la cena, antes de la cena",
            "NIGHT": (
                "noche, por la noche, en la noche, noches, por las noches, al acostarse, antes de acostarse, "
                "antes de dormir, cada noche, al dormir"
            ),
        },
        "weekday": {
            "mon": "lunes",
            "tue": "martes",
            "wed": "miércoles",
            "thu": "jueves",
            "fri": "viernes",
            "sat": "sábado, sábados",
            "sun": "domingo, domingos",
        },
        "split": (
            "tomas, dosis divididas, dividido en, dividida en, repartido en, en tomas, repartidos en, "
            "en dosis divididas"
        ),
        "each": "cada vez, por toma, cada toma, por dosis, cada una",
        "stop": (
            "suspender, suspendido, suspendida, no tomar, interrumpir, interrumpido, dejar de tomar, retirar, "
            "parar, stop, no administrar, discontinuar, retirado, no tomar más, dejó de tomar, dejó de tomarlo, "
            "dejó de tomarla, ha dejado de tomar, ya no toma, ya no lo toma, suspendió, abandonó"
        ),
        "if": "si",
        "change": (
            "no, excepto, salvo, alternar, aumentar, reducir, según pauta, según, sin, pero, descanso, "
            "de lunes a viernes, menos"
        ),
        "dispensed": "caja, cajas, envase, envases, caja de",
        "purpose": "para, contra, con, de, del, debido a, por motivo de, un vaso de",
        "said": (
            "no suspender, no interrumpir, no dejar de tomar, en 1 vaso de agua, 1 vaso de agua, tomar, tome, "
            "administrar, masticar, mastique, tragar, chupar, disolver, vía oral, por vía oral, vo, oral, "
            "por boca, v.o., con agua, agua, con un vaso de agua, disuelto en agua, con alimentos, con alimento, "
            "el, la, los, las, al, como se indica, según indicación, dar, beber, ingerir, en un vaso de agua, "
            "a las, tratamiento, con abundante agua, con leche, de agua, siempre, tomando, tto"
        ),
    },
)
