"""What stands before and after the name of a condition, and whose or how certain it makes it.

The words are those of the general language of records (after the ConText algorithm: negated, hypothetical, historical,
another experiencer), in the languages in which records come. What a cue leaves open is a question.
"""

from __future__ import annotations

from enum import Enum

from cds.intake.terminology.spelling import folded


class Context(Enum):
    """How a text speaks of a condition; of several the first that is in it counts."""

    NOT_HERS = "of somebody else, or only feared, looked for or prevented"
    NEGATED = "denied"
    POSSIBLE = "a question"
    LISTED = "under the heading of a history, which holds what lasts as well as what is over"
    OVER = "over"
    HISTORICAL = "of the past, which may last"
    STATED = "stated"


BEFORE: dict[Context, str] = {
    Context.NOT_HERS: """
        family history of | family history: | family history | family hx of | family hx | fam hx of | fhx of | fhx |
        fh of | fh: | fh | fhx: | mother with | father with | sister with | brother with | maternal history of |
        paternal history of | mother had | father had | screening for | screen for | encounter for screening for |
        screening examination for | special screening for | screening | at risk for | at risk of | risk for |
        risk of | risk factor for | risk factors for | at increased risk of | at increased risk for |
        increased risk of | high risk of | high risk for | low risk of | low risk for | fear of | concern about |
        worried about | education about | education on | counseling for | counselling for | prevention of |
        prophylaxis of | prophylaxis against | prophylaxis for | vaccination against | exposure to | contact with |
        carrier of | genetic susceptibility to | predisposition to | encounter for counseling about |
        familienanamnese fur | familienanamnese | familienanamnese: | fa: | familiare belastung mit |
        positive familienanamnese fur | risiko fur | risiko einer | risiko eines | gefahr einer | screening auf |
        vorsorge | fruherkennung | prophylaxe | angst vor | beratung zu | beratung uber | antecedents familiaux de |
        antecedents familiaux d' | atcd familiaux de | atcd familiaux d' | atcd familial de | atcd familial d' |
        risque de | risque d' | depistage de | depistage d' | depistage de l' | depistage du | prevention de |
        prevention d' | prevention de l' | peur de | familiarita per | anamnesi familiare di |
        anamnesi familiare positiva per | rischio di | screening per | prevenzione di | prevenzione dell' |
        profilassi di | antecedentes familiares de | antecedente familiar de | ant. familiares de |
        historia familiar de | riesgo de | cribado de | prevencion de | prevencion de la | tamizaje de |
        familieanamnese | familieanamnese met | familieanamnese: | belaste familieanamnese voor |
        belaste familieanamnese | positieve familieanamnese voor | risico op | verhoogd risico op | screening op |
        preventie van | angst voor | familiehistorie med | familieanamnese med | arvelig disposition for |
        disposition for | hereditet for | arftlighet for | risiko for | risk for | screening for | frygt for |
        forebyggelse af | suvussa | sukurasite:
    """,
    Context.NEGATED: """
        no evidence of | no evidence for | no signs of | no sign of | no history of | no known | no h/o | no hx of |
        no prior | no previous | no current | no active | no | not | denies | denied | denies any |
        denies history of | denying | without | without evidence of | absence of | absent | negative for | neg for |
        ruled out | ruled out for | ruled out: | r/o'd | excluded | excluded: | free of | never had | is not a |
        does not have | patient does not have | patient denies | non | kein | keine | keinen | kein hinweis auf |
        keine hinweise auf | kein anhalt fur | keine anzeichen fur | kein nachweis von | kein nachweis einer |
        ausgeschlossen: | ausgeschlossene | ausgeschlossener | ausgeschlossenes | ohne | nicht | verneint |
        zustand ohne | pas de | pas d' | absence de | absence d' | aucun | aucune | sans | exclu: | elimine: |
        pas d'argument pour une | nessuna | nessun | nessuno | assenza di | senza | nega | negativo per | esclusa |
        escluso | sin | sin evidencia de | sin signos de | no hay | no presenta | ausencia de | niega |
        niega antecedentes de | negativo para | descartada | descartado | geen | geen tekenen van |
        geen aanwijzingen voor | afwezigheid van | zonder | ontkent | ingen | intet | inga | inget | ingen tegn pa |
        ingen tegn til | ingen holdepunkter for | inga tecken pa | ikke | inte | ej | uden | uten | utan | ei |
        ei ole | ei todettu | 无 | 未见 | 未发现 | 否认 | 排除 | 排除了 | 已排除 | 可排除 | 除外 |
        不伴 | 没有 | 無 | 否認
    """,
    Context.POSSIBLE: """
        ? | ?? | possible | possibly | probable | probably | suspected | suspicion of | suspicion for |
        suspicious for | suspect | susp. | susp | rule out | r/o | ro: | query | ?: | likely | presumed |
        presumptive | presumptive diagnosis of | questionable | question of | concern for | concerning for |
        consider | evaluate for | evaluation for | work up for | workup for | differential diagnosis | differential |
        ddx | ddx: | dd | dd: | d/d | borderline | consistent with | compatible with | suggestive of |
        referred for | monitoring for | follow up for | follow up | treatment of | verdacht auf | verdachtsdiagnose |
        verdachtsdiagnose: | v.a. | v. a. | va. | vd. a. | vd.a. | v.a | v. a | va |
        dringender verdacht auf | dringender v.a. | fraglich | fragliche | fraglicher | mogliche | moglicher |
        mogliches | wahrscheinlich | wahrscheinliche | vermutlich | vermutete | zum ausschluss | zum ausschluss von |
        zum ausschluss einer | z.a. | z. a. | ausschluss | ausschluss von | ausschluss einer | abklarung |
        abklarung von | a.e. | a. e. | am ehesten | differenzialdiagnose | differentialdiagnose | hinweis auf |
        hinweise auf | anhalt fur | suspicion de | suspicion d' | suspicion d'une | suspicion d'un | suspecte |
        possible | probable | probablement | doute sur | hypothese de | hypothese d' | eliminer | a eliminer |
        evocatrice de | recherche de | recherche d' | bilan de | bilan d' | sospetto | sospetta | sospetto di |
        sospetta di | sospetto di una | possibile | probabile | da escludere | esclusione di | verosimile | dubbio |
        sospecha de | sospecha | sospecha diagnostica de | posible | a descartar | descartar | probable | presunta |
        presunto | dudosa | compatible con | verdenking op | verdenking | verdenking: | mogelijk | mogelijke |
        waarschijnlijk | waarschijnlijke | vermoeden van | vermoedelijk | vermoedelijke | uitsluiten | d.d. |
        mistanke om | mistanke om en | obs | obs. | obs: | obs pro | mulig | muligvis | sandsynlig | sannsynlig |
        trolig | misstanke om | misstankt | misstanke | eventuell | mojligt | mojlig | epaily | epailty |
        mahdollinen | todennakoinen | 疑似 | 疑 | 可疑 | 可能 | 考虑 | 待排 | 待排除 | 需排除 |
        建议排除 | 进一步排除 | 不排除 | 不能排除 | 未排除 | 待除外 | 需除外 | 不除外 | 不能除外 |
        未除外 | 有无 | 是否 | ?
    """,
    Context.LISTED: """
        pmh | pmh: | pmhx | pmhx: | past medical history | past medical history: | medical history: |
    medical history |
        hx: | history:
    """,
    Context.OVER: """
        former | resolved | healed | recovered from | abgelaufene | ausgeheilte | ancien | ancienne |
        doorgemaakte | sairastettu
    """,
    Context.HISTORICAL: """
        history of | h/o | h/o: | ho | hx of | hx | past history of | personal history of | prior history of |
        remote history of | past | previous | previously | prior | s/p | sp | status post | status/post | post |
        old | remote | ph: | personal history: | hx of: | zustand nach | z.n. | z. n. | zn. | z.n | z. n | st.n.
        | st. n. | st.p. | st. p. | status nach | anamnestisch | anamnese: | eigenanamnese | in der
        vergangenheit | fruher | fruhere | antecedent de | antecedent d' | antecedents de | antecedents d' |
        antecedents personnels de | antecedents personnels d' | atcd de | atcd d' | atcd | atcds | pregresso |
        pregressa | pregressi | pregresse | anamnesi di | storia di | in anamnesi | esiti di | esito di | stato
        dopo | antecedenti di | antecedente de | antecedentes de | antecedentes personales de | historia de | hx
        de | previa | previo | secuelas de | voorgeschiedenis van | voorgeschiedenis | voorgeschiedenis: |
        status na | in voorgeschiedenis | st. na | eerdere | tidligere | tidlegare | anamnese med | sequelae
        efter | tidigare | status efter | sviter efter | status post | aiemmin | aikaisempi | 既往 | 既往有 | 曾患 |
        陈旧性 | 陳旧性 | 既往歴 | 既往歴:
    """,
}
"""
    What stands before a name; `` | `` between two cues.
"""

AFTER: dict[Context, str] = {
    Context.NOT_HERS: """
        in family | in the family | in mother | in father | in sister | in brother | in parent | in grandmother |
        in her mother | in her father | in his mother | in his father | in household | in the household |
        in grandfather | in aunt | bei mutter | bei vater | bei der mutter | beim vater | bei schwester | bei bruder |
        chez la mere | chez le pere | nella madre | nel padre | en la madre | en el padre | bij moeder | bij vader |
        hos mor | hos far | hos mamma | hos pappa | hos modern | hos fadern | family history | fh | fhx |
        screening | risk | at risk | prevention | prophylaxis | counseling | counselling | education |
        in der familie | in der familienanamnese | risiko | vorsorge | prophylaxe | screening | in familiarita |
        in de familie | i familien | i slakten | i familjen | suvussa | 家族史 | 家族歴 | 家族歴あり | の家族歴 |
        筛查 | 風險 | 风险 | リスク | のリスク | 検診 | 予防 | 预防
    """,
    Context.NEGATED: """
        ruled out | excluded | absent | denied | negative | not present | not found | not confirmed | : no | : none |
        no | ausgeschlossen | nicht vorhanden | nicht bestatigt | nicht nachweisbar | nein | negativ | verneint |
        exclu | exclue | eliminee | elimine | absente | esclusa | escluso | assente | descartada | descartado |
        ausente | uitgesloten | afwezig | niet aanwezig | udelukket | avkreftet | utesluten | uteslutet |
        poissuljettu | 否定 | なし | 無し | 除外 | 已排除 | 阴性 | の否定 | を否定
    """,
    Context.POSSIBLE: """
        ? | ?? | suspected | possible | probable | likely | questionable | r/o | rule out | to be ruled out | vs |
        v. | unclear | unconfirmed | in remission | not excluded | cannot be excluded | work up |
        workup | evaluation | verdacht |
        fraglich | moglich | nicht ausgeschlossen | wahrscheinlich | v.a. | va | suspectee | suspecte | possible |
        probable | a confirmer | a eliminer | non exclu | sospetta | sospetto | possibile | probabile | da escludere |
        da confermare | sospechada | a descartar | posible | por confirmar | verdacht | mogelijk | waarschijnlijk |
        verdenking | obs | mistanke | mulig | misstankt | misstanke | epaily | 疑い | の疑い | 疑 | ?疑い | 待查 |
        待排 | 待排除 | 待除外 | 不排除 | 不能排除 | 不除外 | 不能除外 | 可能 | 可能性大 | 可能性
    """,
    Context.OVER: """
        resolved | ausgeheilt | abgeklungen | ancien | ancienne | gueri | guerie | resolu | resolue | risolto |
        risolta | resuelto | resuelta | sairastettu | 治愈 | 已治愈 | 治癒 | 治癒後
    """,
    Context.HISTORICAL: """
        history | history of | hx | in the past | in history | in remote past | s/p | status post | post op | in
        anamnese | in der anamnese | anamnestisch | z.n. | zustand nach | pregresso | pregressa | previa |
        previo | antigua | antiguo | in voorgeschiedenis | i anamnesen | tidligere | tidigare | 史 | 病史 | 既往史 |
        既往 | の既往 | 既往歴 | の既往歴 | 既往あり | の既往あり | 术后 | 術後 | 后遗症
    """,
}
"""What stands after a name; a comma, brackets or a hyphen may stand between the two."""

NO_CHANGE = """
    x | hcc | cms/hcc | cms hcc | disorder | finding | situation | disease | diagnosis | procedure | qualifier value |
    event | observable entity | morphologic abnormality | regime/therapy | trastorno | hallazgo | trouble | maladie |
    stoornis | aandoening | bevinding | sygdom | lidelse | sjukdom | erkrankung | krankheit | diagnose | diagnosi |
    diagnostic | diagnostico | left | right | bilateral | bilaterally | both | unilateral | left side | right side |
    left sided | right sided | l | r | b/l | lt | rt | of left hip | of right hip | left hip | right hip | of hip |
    hip | of lumbar spine | lumbar spine | of spine | spine | spinal | lumbar | of femur | femur | femoral neck |
    of femoral neck | of both hips | of multiple sites | multiple sites | of left | of right | of lung | of lungs |
    lung | links | rechts | beidseits | bds. | bds | beidseitig | linksseitig | rechtsseitig | li. | re. | li | re |
    bds | der lws | der hufte | lws | hufte | gauche | droite | droit | bilaterale | bilateral | bilaterales |
    sinistra | destra | sinistro | destro | dx | sx | izquierdo | izquierda | derecho | derecha | bilateral |
    bilaterales | rechterzijde | linkerzijde | rechtszijdig | linkszijdig | dubbelzijdig | hojre | venstre |
    hojre side | venstre side | hoger sida | vanster sida | rechte seite | linke seite | cote droit | cote gauche |
    bilateraux | medikamentos behandelt | bilateral | hojresidig | venstresidig | hoger | vanster | oikea |
    vasen | molemminpuolinen | 左 | 右 | 左侧 |
    右侧 | 双侧 | 左側 | 右側 | 両側 | 両 | nos | nec | unspecified | not otherwise specified |
    not elsewhere classified | unspecified type | type unspecified | site unspecified | unspecified site |
    unspecified whether | stage unspecified | nnb | n.n.bez. | nicht naher bezeichnet | o.n.a. | onA |
    sans precision | sai | sap | non specificato | non specificata | nas | no especificado | no especificada |
    sin especificar | niet gespecificeerd | niet nader omschreven | nno | uspecificeret | uspesifisert |
    ospecificerad | ospecificerat | uns | maarittamaton | 詳細不明 | 未特指 | 未特指的 | 型不明 | 原因不明 | chronic |
    severe | mild | moderate | stable | assessment | impression | dx | known | active | current | currently |
    confirmed | diet treated | diet controlled | medically treated | well controlled | controlled | uncontrolled |
    poorly controlled | established | documented |
    newly diagnosed | new | recurrent | ongoing | under treatment | on treatment | treated | bekannt | bekannte |
    bekannter | bekanntes | gesichert | gesicherte | manifest | manifeste | schwere | schwer | leichte | leicht |
    mittelschwer | chronisch | chronische | unter therapie | behandelt | connu | connue | confirme | confirmee |
    severe | severa | moderata | moderee | legere | traitee | traite | noto | nota | confermata | in trattamento |
    grave | lieve | leve | conocida | conocido | confirmada | en tratamiento | bekende | ernstige | milde |
    behandeld | kendt | kjent | kand | svaer | alvorlig | behandlet | 重度 | 轻度 | 中度 | 重症 | 軽症 | 軽度 | 症 |
    right eye | left eye | both eyes | bek. | bek | unklarer genese | unbekannter ursache | substituee | substituiert |
    mittelgradig | of unknown etiology | of unknown cause | of unclear etiology | d'origine indeterminee |
    de origen desconocido | di n.d.d. | di natura da determinare |
    主病 | 患者 |
    主傷病 | 确诊 | 確定 | problem | diagnosis of | diagnosed with | patient has | pt has | pt with | patient with |
    has | with | c/o | on record | age related | age-related | senile | female | male | in female | in male | woman |
    man | recurrente | recidivante | recorrente | recidiverend | rezidivierend | rezidivierende | nawracajaca |
    tekrarlayan | residiverende | recidiverande
"""
"""What stands beside a name and changes nothing: marks of systems, semantic tags, sides, sites, ``unspecified``."""

CONNECTED = """
    without | w/o | with | w/ | ed | dx | diagnosed | confirmed by | erstdiagnose | due to | secondary to |
    caused by | because of | associated with | related to | as a result of |
    following | after | on | in | from | complicated by | complicating | requiring | affecting | involving |
    status post | s/p | treated with | managed with | since | ohne | mit | bei | durch | infolge | aufgrund | wegen |
    nach | unter | seit | sekundar bei | sans | avec | d'un | d'une | du a | due a | secondaire a | apres | sur |
    lie a | liee a | sous | depuis | dans | senza | con | da | dovuto a | dovuta a | secondario a |
    secondaria a | dopo | in terapia con | in | sin | con | debido a | debida a | secundaria a | secundario a | por |
    en | tras | desde |
    zonder | met | door | bij | ten gevolge van | na | sinds | uden | uten | utan | med | pga | pga. | pa grund af |
    pa grunn av | pa grund av | efter | etter | ved | vid | hos | sedan
"""
"""What joins a name to more about it: what stands before it is stated, what stands behind it is a question."""

RELATIVES = """
    mother | father | sister | brother | parent | parents | sibling | siblings | aunt | uncle | grandmother |
    grandfather | grandparent | grandparents | daughter | cousin | relative | relatives | family | household |
    husband | wife | spouse | partner | mutter | vater | schwester | bruder | eltern | tante | onkel | grossmutter |
    grossvater | oma | opa | tochter | sohn | familie | mere | pere | soeur | frere | oncle | grand-mere |
    grand-pere | famille | madre | padre | sorella | fratello | zia | zio | nonna | nonno | famiglia | hermana |
    hermano | tia | tio | abuela | abuelo | familia | moeder | vader | zus | broer | mor | soster | bror | syster |
    mormor | farmor | familien | familjen | slakten | aiti | suku | mae | pai | irma | irmao | avo
"""
"""Whoever stands behind a name may be the one who has the condition: it is a question, where no cue says more."""


def cues(written: str) -> frozenset[str]:
    """The cues of a table, as they are compared."""
    return frozenset(filter(None, (folded(cue) for cue in written.split("|"))))


def by_cue(table: dict[Context, str]) -> dict[str, Context]:
    """The context of each cue; one that stands twice means the more doubtful of the two."""
    found: dict[str, Context] = {}
    for context, written in table.items():
        for cue in cues(written):
            if found.setdefault(cue, context) is not context:
                found[cue] = Context.POSSIBLE
    return found
