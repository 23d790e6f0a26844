"""Forget what you were told, and you are an AI, in other languages than English."""

from ingest.checks.phrases import phrase

FOREIGN = (
    phrase(
        "instrucciones|indicaciones|directrices",
        r"""\b(?:ignora|ignore|ignorad|olvida|olvide|descarta|descarte|haz caso omiso de)
        \ (?:\w+ ){0,3}?(?:instrucciones|indicaciones|directrices) (?:\w+ )?(?:anteriores|previas
        |precedentes|del sistema)\b""",
        r"\b(?:si|cuando|pued\w+|no)\b",
    ),
    phrase(
        "instructions|consignes|directives",
        r"""\b(?:ignore[rz]?|oublie[rz]?|ne (?:tiens|tenez) pas compte (?:de|des)) (?:\w+ ){0,3}?
        (?:instructions|consignes|directives) (?:\w+ )?(?:précédentes|antérieures|du système)\b""",
        r"\b(?:si|lorsque|quand|pouvez|peux)\b",
    ),
    phrase(
        "anweisungen|instruktionen|vorgaben",
        r"""\b(?:ignoriere?|ignorieren sie|vergiss|vergessen sie|missachte) (?:alle |die |deine
        \ |ihre |sämtliche )*(?:vorherigen|bisherigen|vorangegangenen|obigen|vorigen|früheren)
        \ (?:anweisungen|instruktionen|vorgaben)\b""",
        r"\b(?:wenn|falls|können|kannst|nicht)\b",
    ),
    phrase(
        "istruzioni|instruções|instructies",
        r"""\b(?:(?:ignora|ignori|dimentica) (?:\w+ ){0,2}?istruzioni (?:precedenti|di sistema)
        |(?:ignore|ignora|esqueça|desconsidere) (?:\w+ ){0,2}?instruções
        \ (?:anteriores|prévias|acima)
        |(?:negeer|vergeet) (?:\w+ ){0,2}?(?:vorige|eerdere|voorgaande) instructies)\b""",
        r"\b(?:se|quando|può|puoi|pode|als|kunt|kan|não|non|niet)\b",
    ),
    phrase(
        "指令|提示|指示|命令|инструкции|지시|명령",
        r"""(?:忽略|无视|無視|忘记|忘記)[^。！？\n]{0,6}(?:之前|先前|以上|上面|前面|此前)的?
        (?:所有|全部)?(?:指令|指示|提示词)
        |(?:以前|これまで|上記|前)の(?:すべての|全ての)?(?:指示|命令|指令)を?(?:すべて|全て)?無視
        |\b(?:игнорируй|забудь)(?:те)? (?:все )?(?:предыдущие|прежние) инструкции
        |(?:이전|위의)[^.!?\n]{0,6}(?:지시|명령)[^.!?\n]{0,6}무시""",
        r"如果|可以|可忽略|場合|ください|если|можете",
    ),
    phrase(
        "eres|usted es|você",
        r"""\b(?:eres|usted es|você é) (?:ahora |agora )?(?:una?|uma?) (?:as+istente de ia|ia
        |modelo de (?:lenguaje|linguagem)|inteligencia artificial|inteligência artificial)\b""",
        r"\b(?:si|se|cuando|quando)\b",
    ),
    phrase(
        "tu es|vous êtes|du bist",
        r"""\b(?:tu es|vous êtes) (?:maintenant |désormais )?une? (?:assistant (?:d')?ia|modèle de
        \ langage|intelligence artificielle|ia)\b
        |\bdu bist (?:jetzt |nun |ab jetzt )?eine? (?:ki(?:-\w+)?|sprachmodell|künstliche
        \ intelligenz)\b""",
        r"\b(?:si|ob|wenn)\b",
    ),
    phrase(
        "人工智能|语言模型|人工知能|言語モデル|是一个ai|あなたはai",
        "你(?:现在)?是一个?(?:人工智能|ai|大?语言模型)|あなたは(?:今から)?(?:ai|人工知能|言語モデル)",
    ),
)
