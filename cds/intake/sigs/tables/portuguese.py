"""How directions are written in Portuguese: Portugal and Brazil."""

from __future__ import annotations

from cds.intake.sigs.language import Language

PORTUGUESE = Language(
    "Portuguese",
    {
        "number": {
            0.25: "um quarto de",
            0.5: "meio, meia, metade de",
            1: "um, uma, outro, outra",
            1.5: "um e meio, uma e meia",
            2: "dois, duas",
            3: "três",
            4: "quatro",
            5: "cinco",
            6: "seis",
            7: "sete",
            8: "oito",
            10: "dez",
            12: "doze",
        },
        "form": (
            "ampola, ampolas, amp, comprimido, comprimidos, comp, comps, cp, cps, cpr, comprimido mastigável, "
            "comprimidos mastigáveis, "
            "comprimido efervescente, comprimidos efervescentes, comprimido revestido, comprimidos revestidos, "
            "cápsula, cápsulas, caps, saqueta, saquetas, sachê, sachês, envelope, envelopes, drágea, drágeas, "
            "pastilha, pastilhas, unidade, unidades, dose, doses, gota, gotas"
        ),
        "unit": {
            "mg": "miligrama, miligramas",
            "g": "grama, gramas, gr",
            "ug": "micrograma, microgramas",
            "ml": "mililitro, mililitros",
            "[iu]": "ui, unidades internacionais",
            "5 ml": "colher de chá, colheres de chá",
            "15 ml": "colher de sopa, colheres de sopa",
        },
        "times": "vezes, vez, x",
        "period": {
            1: "ao dia, por dia, diariamente, diário, diária, todos os dias, cada dia, /dia, em 24 horas, id, /d",
            7: "por semana, semanal, semanalmente, à semana, /semana, cada semana",
            30.4375: "por mês, mensal, ao mês, mensalmente, /mês",
        },
        "length": {
            1 / 1440: "minuto, minutos, min",
            1 / 24: "hora, horas, h",
            1: "dia, dias, d",
            7: "semana, semanas",
            30.4375: "mês, meses",
        },
        "every": "cada, a cada, todas as",
        "often": {
            0.5: "em dias alternados, dias alternados, dia sim dia não, dia sim, a cada dois dias",
            2: ("12/12h, 12/12 h, 12 em 12 horas, de 12 em 12 horas, a cada 12/12 horas, 12/12 horas, de 12/12 horas"),
            3: "8/8h, 8/8 h, 8 em 8 horas, de 8 em 8 horas, a cada 8/8 horas, 8/8 horas, de 8/8 horas",
            4: "6/6h, 6/6 h, 6 em 6 horas, de 6 em 6 horas, a cada 6/6 horas, 6/6 horas, de 6/6 horas",
            1: "24/24h, 24/24 h, 24 em 24 horas, de 24 em 24 horas, 24/24 horas",
        },
        "per": "ao",
        "to": "a",
        "or": "ou",
        "and": "e, mais",
        "then": "depois, em seguida, seguido de, e depois, posteriormente",
        "most": "até, máximo, max, no máximo, não exceder, não ultrapassar, máximo de, não mais de",
        "needed": (
            "se necessário, em sos, sos, quando necessário, se dor, em caso de dor, se dor ou febre, "
            "em caso de necessidade, se precisar, quando houver dor"
        ),
        "lasting": "durante, por",
        "before": "antes, antes de, após, depois de, antes do, antes das, depois das, longe de, afastado de, após o",
        "meals": (
            "às refeições, com as refeições, após as refeições, antes das refeições, depois das refeições, "
            "durante as refeições, junto às refeições, após refeição, com refeição, entre as refeições, "
            "nas refeições"
        ),
        "hour": {
            "MORN": (
                "manhã, de manhã, pela manhã, ao pequeno-almoço, pequeno-almoço, ao pequeno almoço, "
                "pequeno almoço, café da manhã, no café da manhã, em jejum, após o café da manhã, "
                "pela manhã em jejum"
            ),
            "NOON": "meio-dia, ao meio-dia, almoço, ao almoço, no almoço, após o almoço, após almoço",
            "AFT": "tarde, à tarde, lanche, ao lanche, de tarde",
            "EVE": "jantar, ao jantar, no jantar, após o jantar, após jantar",
            "NIGHT": "noite, à noite, ao deitar, antes de deitar, de noite, ao dormir, antes de dormir",
        },
        "weekday": {
            "mon": "segunda-feira, segunda",
            "tue": "terça-feira, terça",
            "wed": "quarta-feira, quarta",
            "thu": "quinta-feira, quinta",
            "fri": "sexta-feira, sexta",
            "sat": "sábado",
            "sun": "domingo",
        },
        "split": "tomas, doses divididas, dividido em, em doses divididas, tomas diárias",
        "each": "de cada vez, por toma, cada vez, por dose",
        "stop": (
            "parar, suspender, suspenso, não tomar, interromper, interrompido, descontinuar, stop, "
            "não administrar, não usar, suspensa, parou, deixou de tomar, interrompeu, suspendeu"
        ),
        "if": "se",
        "change": "não, exceto, salvo, alternar, aumentar, reduzir, conforme esquema, conforme, sem, mas, esquema",
        "dispensed": "caixa, caixas, embalagem, embalagens",
        "purpose": "para, contra, com, em, de, devido a, do, da, no, na, dos, das",
        "said": (
            "não interromper, não parar, não suspender, em 1 copo de água, 1 copo de água, tomar, tome, toma, "
            "administrar, mastigar, engolir, dissolver, via oral, por via oral, vo, oral, pela boca, ingerir, "
            "com água, água, com um copo de água, copo de água, o, os, as, com alimentos, com alimento, "
            "conforme indicado, conforme prescrito, uso contínuo, contínuo, uso oral, beber, um copo de água, às, "
            "de água"
        ),
    },
)
