"""How directions are written in Korean."""

from __future__ import annotations

from cds.intake.sigs.language import Language

KOREAN = Language(
    "Korean",
    {
        "number": {
            0.5: "반",
            1: "한",
            2: "두, 이",
            3: "세, 삼",
            4: "네",
        },
        "form": "정, 알, 캡슐, 포, 개",
        "unit": {
            "mg": "밀리그램",
            "g": "그램",
            "ml": "밀리리터",
            "[iu]": "단위",
        },
        "turn": "회, 번",
        "period": {
            1: "하루, 1일, 매일, 일일",
            7: "매주, 1주, 일주일에",
            30.4375: "매월, 1개월",
        },
        "length": {
            1 / 24: "시간",
            1: "일, 일간, 일분",
            7: "주, 주간",
            30.4375: "개월",
        },
        "apart": "마다, 간격, 간격으로",
        "often": {
            0.5: "격일, 격일로",
            2: "하루 두 번, 1일 2회",
            1: "하루 한 번, 1일 1회",
            3: "하루 세 번, 1일 3회",
        },
        "most": "최대",
        "needed": "필요시, 필요 시, 통증시",
        "meals": "식후, 식전, 식사와 함께, 식후 30분, 식간, 식사 직후, 식후에, 식후 즉시",
        "hour": {
            "MORN": "아침, 아침 식후, 오전",
            "NOON": "점심, 점심 식후",
            "EVE": "저녁, 저녁 식후, 오후",
            "NIGHT": "취침 전, 취침전, 자기 전, 자기전",
        },
        "each": "1회, 한 번에, 씩, 1회에, 1회당",
        "and": "와, 과, 및",
        "stop": "중단, 복용 중단, 복용하지, 중지",
        "change": "않, 감량, 증량, 안",
        "said": "복용, 복용하세요, 경구, 투여, 에, 물과 함께, 복용하십시오, 드세요, 내복, 으로, 을, 를",
    },
    comma_parts_thousands=True,
    wide=True,
)
