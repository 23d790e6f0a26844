"""What a text says to a model and never to a reader.

Each phrase was written with its harmless neighbours in mind: "ignore this message", "if you use a
phone, ignore the above instructions", "you are chatting with an AI assistant", "as an assistant you
can manage users", "include your order number in your reply", "encrypt your message".
"""

from ingest.checks.phrases import phrase

# Forget what you were told.
FORGET = (
    phrase(
        "instruction|directive|direction|guideline|guidance",
        r"""<OPEN>(?:ignore|disregard|forget) (?:<ANY> ){0,3}?(?:(?:previous|prior|above|earlier
        |preceding|foregoing) <TOLD>|<TOLD> (?:given )?(?:above|before this|earlier))\b""",
        "<CASE>",
    ),
    phrase(
        "instruction|directive|direction|guideline|guidance|prompt|context|programming|guardrail"
        "|system message",
        r"""(?<!not )(?<!never )(?<!n't )\b<FORGET> (?:absolutely )?(?:all|any|every)(?:
        (?: <ANY>)*? (?:your|system|<BEFORE>)(?: <ANY>)* (?:<TOLD>|<PROMPT>)
        |(?: <ANY>)* <TOLD> (?:above|before this|you(?:'ve| have| were| had| received)))\b""",
        r"\b(?:can|may|could|safely) (?:safely )?(?:ignore|disregard)",
    ),
    phrase(
        "your",
        r"""<OPEN><FORGET> (?:all |any |of )*your (?:\w+ ){0,2}?(?:instructions|directives
        |guidelines|programming|guardrails|system (?:prompt|message)|prompt)\b""",
        "<CASE>",
    ),
    phrase(
        "forget|disregard|ignore",
        r"""<OPEN>(?:forget|disregard|ignore) (?:about )?(?:everything|all of that|all|anything)
        \ (?:that )?(?:you(?:'ve| have| were| had) (?:been )?(?:told|instructed|given)
        |(?:written |said |stated )?(?:above|before this|prior to this)|i (?:just )?said)""",
        "<CASE>",
    ),
    phrase(
        "your new|your real|your actual|your true",
        r"""\byour (?:new|real|actual|true) (?:task|instructions?|objective|directives?|mission
        |system prompt) (?:is|are)(?: now)?(?: to\b| as follows| the following|:)""",
    ),
    phrase(
        "from ",
        r"""\bfrom (?:now|this point|here) on(?:wards?)?,? (?:you (?:will|must|should|shall
        |are(?: going)? to) )?(?:only |always |never )?(?:(?:respond|reply|answer)
        \ (?:as|in|like|only|with|every|all|to (?:all|every|any))|speak (?:as|like|in)|act as
        |behave (?:as|like)|pretend|role-?play|simulate|obey)\b""",
    ),
)

# You are a model.
NAMED = (
    phrase(
        "you",
        r"""\byou(?: are|'re| will be| must be| have become| (?:will|must) act as)
        (?: (?:now|just|really|actually|no longer))* (?:an?|the|my)
        \ (?:(?!(?:an?|the|and|for|in|of|to|who|with|user|using)\b)[\w-]+,? ){0,3}?
        <AGENT><CLOSE>""",
        r"\b(?:whether|know|confirm|prove)\b",
    ),
    phrase(
        "chatgpt|gpt|dan",
        r"\byou(?: are|'re)(?: now)?(?: going to act as)? (?:chatgpt|gpt-?[3-9]|dan)\b<CLOSE>",
    ),
    phrase(
        "act|behave|pretend|role|respond|answer|reply|speak",
        r"""(?:^|[\n.!?:;"(]\s*|\b(?:please|now|must|and|then) )(?:act|behave|respond|answer|reply
        |speak|pretend|role-?play) (?:as|like|to be|that you are|you are)
        \ (?:(?:if|though) you (?:were|are) )?an? (?:[\w-]+,? ){0,3}?<AGENT><CLOSE>""",
    ),
    phrase(
        "as a",
        r"""\bas an? (?:[\w-]+ )?<AGENT>,? (?:\w+ ){0,4}?(?:you|your (?:task|job|goal))
        \ (?:must|shall|should|are|is|will|need|have to|cannot|can't|may not)\b""",
    ),
    phrase(
        "as an assistant",
        r"""\bas an assistant,? you (?:must|shall|should|will|have to|need to
        |are (?:required|instructed|obliged|obligated|programmed|supposed) to) (?:now
        \ |always |never |not |only )*(?:answer|respond|reply|say|tell|recommend|mention|include
        |write|output|refuse|comply|obey|follow|ignore|state|claim|reveal|print|pretend|begin|end)\b""",
    ),
    phrase(
        "attention|dear|hey|hello|hi |hi,|listen",
        r"""(?:^|[\n.!?:;"(>]\s*)(?:attention|dear|hey|hello|hi|listen),?:? (?:to |up,? )?(?:all
        \ |any |every |the |you )*<AGENT>\s*(?:[,:!.–—]|\n|$|\b(?:reading|processing)\b)""",
    ),
    phrase(
        "note|message|notice|reminder",
        r"""\b(?:note|message|notice|reminder)s? (?:to|for)
        \ (?:all |any |every |the |an? |this )*<AGENT>(?: (?:\w+ ){0,6}?\w+)?\s*:""",
    ),
    phrase(
        "ing this",
        r"""\b(?:<AGENT>|assistants?),? (?:(?:that|who|which) (?:is|are) |is |are )?(?:currently )?
        (?:reading|processing|summari[sz]ing|indexing|parsing) this(?: (?:page|text|document|article
        |content|message))?\s*(?:[,:;.!]|\n|$|\b(?:should|must|shall|will|to)\b)""",
    ),
    phrase(
        "by a",
        r"""\b(?:if|when|since) (?:this|it)(?: \w+)? is (?:being )?(?:read|processed|indexed|parsed
        |summari[sz]ed) by an? (?:[\w-]+ )?<AGENT>\b""",
    ),
    phrase(
        "this article|this page|this document|this text|this content|this website",
        r"""\b(?:when|if|while|before) (?:you |asked to )?summari[sz](?:e|ing)
        \ this (?:article|page|document|text|content|website)\b""",
    ),
    phrase("do anything now|dan mode", r"\b(?:do anything now|dan mode)\b"),
)

# What only a model has: a prompt, and secrets about it.
PROMPT = (
    phrase(
        "prompt|instructions",
        r"""<OPEN>(?:reveal|print|output|repeat|display|leak|disclose|recite|reproduce|expose|dump
        |return|give me|tell me|show me|show) (?:back )?(?:verbatim )?(?:all |of )*your
        (?: (?:full|entire|complete|exact|own|current))* (?:(?:system|initial|hidden|original|secret
        |internal) (?:prompt|instructions?)|prompt\b)""",
    ),
    phrase(
        "instruction|prompt|directive",
        r"""\b(?:do not|don't|never|without) (?:ever )?(?:reveal|mention|disclos|acknowledg|admit
        |refer to|referring to)\w* (?:\w+ ){0,3}?(?:this|these|your|hidden|system)
        \ (?:hidden |secret |system |special )?(?:instructions?|prompts?|directives?)\b""",
    ),
    phrase(
        "system ",
        r"""(?:^|\n)[^\w\n]{0,5}system (?:prompt|message|override|instructions?)\W{0,3}:<GAP>\b
        (?:you are (?:an?|now|the)|ignore|disregard|override|respond|reply|answer|the assistant
        |from now on)\b""",
    ),
    phrase(
        "prompt|instructions",
        r"""\b(?:begin|end|start)(?:ning)?(?: of)?(?: the)? (?:system|hidden|secret)
        \ (?:prompt|instructions)\b""",
    ),
    phrase(
        "decode|decrypt",
        r"""<OPEN>(?:decode|decrypt) <GAP>\b(?:and|then) (?:\w+ ){0,2}?(?:follow|obey|comply
        |carry out|act on|do what)\b""",
    ),
)

_OFFER = r"""^\W*(?:if|when|once)\b|\b(?:you|i|we|they|it|people|users?) (?:can|could|may
    |might)\b"""
_ANSWER = "answer|response|reply|replies|output"

# Answer in a way that no person answers.
TWISTED = (
    phrase(_ANSWER, r"<OPEN>(?:\w+ ){1,4}?<OUTPUT><GAP><CODE>", _OFFER),
    phrase(
        _ANSWER,
        r"<OPEN>(?:\w+ ){0,4}?<CODE><GAP>\b(?:as|for|in|of|to|display|show) <OUTPUT>",
        _OFFER,
    ),
    phrase(
        "cipher|caesar|rot13|rot-13|base64|base32|morse|backward|reverse|pig latin|emoji|anagram",
        r"""(?:^|[\n.!?:;"]\s*|\b(?:please|only|always|must|and|now) )(?:reply|respond|answer|speak)
        (?: (?:only|always|to \w+|every\w*))? (?:(?:in|using) )?(?:an? )?<CODE>""",
        _OFFER,
    ),
    phrase(
        _ANSWER,
        r"""<OPEN>(?:(?:reverse|invert|encipher|scramble|obfuscate|jumble(?: up)?|rearrange|anagram
        |misspell|shift|rotate|capitali[sz]e)|(?:replace|substitute|swap|convert)(?= [^.!?\n]{0,40}
        <LETTERS>)) (?:\w+ ){0,3}?(?:<LETTERS> <GAP>\b(?:of|in) )?<OUTPUT>""",
        _OFFER,
    ),
)

# Slip something into what you write. Those who answer customers are told such things too, so
# this is for pages that customers read.
BENT = (
    phrase(
        _ANSWER,
        r"""<OPEN>(?:add|insert|integrate|incorporate|include|append|weave|embed|slip) (?:an? |one
        \ |another |some )?(?:[\w-]+ ){0,2}?(?:sentence|statement|remark|claim|teaser|plug|advert\w*
        |rumou?r|falsehood|statistic|slogan|line(?! (?:break|item|number)))s?\b[^.!?\n]{0,80}?
        \b(?:in|into|to|of|with) <OUTPUT>""",
        _OFFER,
    ),
    phrase(
        _ANSWER,
        r"""<OPEN>(?:add|insert|append|include) "(?:[^\s"]+ ){3,}[^\s"]+" <GAP>\b(?:to|in|into)
        \ <OUTPUT>""",
        _OFFER,
    ),
    phrase(
        _ANSWER,
        r"""<OPEN>(?:modify|adjust|alter|augment|enhance|enrich|rephrase|slant|twist) <OUTPUT>
        \ (?:to|by|with|so that it) (?:\w+ly )?<SPEAK>""",
        _OFFER,
    ),
    phrase(
        _ANSWER,
        r"<OPEN>(?:translate|render|convert) <OUTPUT> (?:in|into|to) <TONGUE>",
        _OFFER,
    ),
)

# Enough where the text hides from people: an assistant is named, and told something.
HIDDEN = (
    phrase(
        "ai|assistant|model|llm|bot|prompt",
        r"""\b(?:ai|assistants?|language models?|llms?|chat ?bots?|prompts?)\b[^.!?\n]{0,200}\b
        <TELL>|\b<TELL>[^.!?\n]{0,200}\b(?:ai|assistants?|language models?|llms?|chat ?bots?
        |prompts?|(?:your|previous|these) (?:answer|response|reply|instructions))\b""",
    ),
)
