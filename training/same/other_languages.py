"""The question words of other languages than English."""

import re
from collections.abc import Iterable

from training.same.question_words import Kind

_KINDS = {
    "who": Kind.WHO, "when": Kind.WHEN, "where": Kind.WHERE, "why": Kind.WHY,
    "how": Kind.HOW, "long": Kind.HOW_LONG, "often": Kind.HOW_OFTEN, "many": Kind.HOW_MANY,
    "much": Kind.HOW_MUCH, "what": Kind.WHAT, "may": Kind.MAY, "must": Kind.MUST,
    "is": Kind.IS, "if": Kind.DO_IF,
}  # fmt: skip

# Of each language: what a kind is asked with. The longest that stands first decides.
_WORDS = {
    "German": (
        "if:was mache ich|was muss ich tun|was tun|was soll ich tun|was mache ich wenn "
        "who:wer|wem|wen|wessen when:wann|bis wann|ab wann|um wie viel uhr|um wieviel uhr "
        "where:wo|wohin|woher|an welchem ort long:wie lange|wie viele tage|wie viel zeit "
        "often:wie oft|wie häufig many:wie viele|wieviele much:wie viel|wieviel|was kostet|"
        "was kosten why:warum|wieso|weshalb|aus welchem grund how:wie|auf welche weise "
        "what:was|welche|welcher|welches|welchen|welchem may:darf|dürfen|kann|können|"
        "ist es erlaubt|ist es möglich must:muss|müssen|brauche ich|brauchen wir is:ist|sind|"
        "gibt es|hat|haben|wird|werden|gilt|ob"
    ),
    "Dutch": (
        "who:wie|wiens when:wanneer|hoe laat|tot wanneer where:waar|waarheen long:hoe lang "
        "often:hoe vaak many:hoeveel much:hoe veel|wat kost|wat kosten why:waarom how:hoe "
        "what:wat|welke|welk may:mag|mogen|kan|kunnen must:moet|moeten is:is|zijn|heeft|"
        "hebben|of"
    ),
    "French": (
        "who:qui|à qui when:quand|à quelle heure|quelle heure|jusqu à quand|jusque à quand "
        "where:où long:combien de temps|combien de jours often:combien de fois "
        "many:combien de|combien d much:combien|quel est le prix|quel est le tarif "
        "why:pourquoi how:comment what:que|quoi|quel|quelle|quels|quelles|qu est-ce que|"
        "qu est ce que|que est-ce que may:peut-on|peut on|puis-je|puis je|est-ce que je peux|"
        "est-ce que on peut|pouvons-nous|ai-je le droit must:dois-je|dois je|doit-on|doit on|"
        "faut-il|faut il|est-ce que je dois is:est-ce que|est-ce qu|est ce que|y a-t-il|"
        "est-il"
    ),
    "Spanish": (
        "who:quién|quien|quiénes|a quién|con quién when:cuándo|cuando|a qué hora|qué día "
        "where:dónde|donde|adónde long:cuánto tiempo|cuanto tiempo|cuántos días "
        "often:cuántas veces|con qué frecuencia many:cuántos|cuantos|cuántas|cuantas "
        "much:cuánto|cuanto|cuánta|qué precio why:por qué|porqué how:cómo|como what:qué|que|"
        "cuál|cual|cuáles may:puedo|podemos|se puede|puede|está permitido must:debo|"
        "tengo que|hay que|debemos|tenemos que is:es|hay|son|tiene"
    ),
    "Italian": (
        "who:chi|a chi when:quando|a che ora where:dove|in quale luogo long:quanto tempo|"
        "per quanto tempo|quanti giorni often:quante volte|ogni quanto many:quanti|quante "
        "much:quanto|quanta why:perché|come mai how:come what:che cosa|cosa|che|quale|quali "
        "may:posso|possiamo|si può|è permesso must:devo|dobbiamo|si deve|bisogna is:è|c è|"
        "ci sono|sono"
    ),
    "Portuguese": (
        "who:quem|a quem|com quem when:quando|a que horas where:onde|aonde long:quanto tempo|"
        "por quanto tempo|quantos dias often:quantas vezes|com que frequência many:quantos|"
        "quantas much:quanto|quanta why:por que|por quê|porque how:como what:o que|que|qual|"
        "quais may:posso|podemos|pode-se|é permitido must:devo|tenho que|tenho de|devemos|"
        "é preciso is:é|há|são|tem"
    ),
    "Polish": (
        "who:kto|kogo|komu|z kim when:kiedy|o której|do kiedy where:gdzie|dokąd "
        "long:jak długo|ile czasu|ile dni often:jak często|ile razy many:ilu|ile "
        "much:ile kosztuje why:dlaczego|czemu how:jak|w jaki sposób what:co|jaki|jaka|jakie|"
        "który|która|które may:czy mogę|czy można|czy wolno must:czy muszę|czy trzeba|"
        "czy musimy is:czy"
    ),
    "Czech": (
        "who:kdo|koho|komu when:kdy|do kdy|v kolik where:kde|kam long:jak dlouho|kolik dní "
        "often:jak často|kolikrát many:kolik much:kolik stojí why:proč how:jak what:co|jaký|"
        "jaká|jaké|který|která|které may:mohu|můžu|můžeme|smím must:musím|musíme is:je|jsou"
    ),
    "Swedish": (
        "who:vem|vems when:när|hur dags where:var|vart long:hur länge|hur lång tid "
        "often:hur ofta many:hur många much:hur mycket|vad kostar why:varför how:hur "
        "what:vad|vilken|vilket|vilka may:får|kan must:måste|behöver is:är|finns|har"
    ),
    "Danish": (
        "who:hvem when:hvornår|når where:hvor|hvorhen long:hvor længe|hvor lenge "
        "often:hvor ofte|hvor tit many:hvor mange much:hvor meget|hvor mye|hvad koster|"
        "hva koster why:hvorfor how:hvordan what:hvad|hva|hvilken|hvilket|hvilke may:må|kan "
        "must:skal is:er|har|findes"
    ),
    "Finnish": (
        "who:kuka|kenelle when:milloin|koska where:missä|mistä|mihin long:kuinka kauan "
        "many:kuinka monta|montako much:paljonko|kuinka paljon why:miksi how:miten|kuinka "
        "what:mikä|mitä|mitkä may:saako|voiko|voinko must:täytyykö|pitääkö is:onko"
    ),
    "Turkish": (
        "who:kim|kime|kimdir when:ne zaman|saat kaçta where:nerede|nereye|nereden|neresi "
        "long:ne kadar süre|kaç gün often:ne sıklıkla|kaç kez many:kaç much:ne kadar|"
        "kaç para why:neden|niçin|niye how:nasıl what:ne|nedir|hangi|hangisi "
        "may:edebilir miyim|mümkün mü must:zorunda mıyım|gerekli mi is:mı|mi|mu|mü"
    ),
    "Indonesian": (
        "who:siapa when:kapan|jam berapa where:di mana|dimana|ke mana long:berapa lama "
        "many:berapa banyak much:berapa why:mengapa|kenapa how:bagaimana what:apa|mana "
        "may:bolehkah|apakah boleh|bisakah must:haruskah|apakah harus is:apakah"
    ),
    "Cyrillic": (
        "who:кто|кому|кого|хто when:когда|коли|во сколько|до какого where:где|куда|де "
        "long:как долго|сколько времени|сколько дней|як довго often:как часто|як часто "
        "many:сколько|скільки much:сколько стоит|скільки коштує why:почему|зачем|чому "
        "how:как|як|каким образом what:что|какой|какая|какие|какую|каков|що|який|яка "
        "may:можно ли|могу ли|можно|можна|чи можна must:нужно ли|должен ли|надо ли|"
        "обязательно ли|чи потрібно is:есть ли|ли|чи"
    ),
    "Greek": (
        "who:ποιος|ποιον when:πότε|ποτε where:πού|που long:πόση ώρα|πόσο καιρό many:πόσα|"
        "πόσες|πόσοι much:πόσο κοστίζει|πόσο why:γιατί how:πώς|πως what:τι|ποια|ποιο "
        "may:μπορώ|επιτρέπεται must:πρέπει is:είναι|υπάρχει"
    ),
    "Arabic": (
        "who:من when:متى where:أين long:كم مدة many:كم much:بكم why:لماذا how:كيف what:ما|"
        "ماذا|أي may:هل يمكن|هل يمكنني|هل يجوز must:هل يجب is:هل"
    ),
    "Hebrew": (
        "who:מי when:מתי where:איפה|היכן long:כמה זמן many:כמה why:למה|מדוע how:איך|כיצד "
        "what:מה|איזה may:האם מותר|האם אפשר must:האם חייב is:האם"
    ),
    "Hindi": (
        "who:कौन|किसे|किसको when:कब where:कहाँ|कहां many:कितने|कितनी much:कितना why:क्यों "
        "how:कैसे what:क्या|कौनसा"
    ),
    "Vietnamese": (
        "who:ai when:khi nào|bao giờ|lúc nào where:ở đâu|đâu long:bao lâu many:bao nhiêu "
        "why:tại sao|vì sao how:như thế nào|làm thế nào|làm sao what:gì|nào may:có được|"
        "có thể must:có phải"
    ),
}  # fmt: skip

# Where no blanks part words, they are found anywhere; the longest decides.
_PARTS = {
    Kind.WHO: "誰 谁 だれ どなた 누구 누가 ใคร",
    Kind.WHEN: (
        "いつ 何時に 何時から 什么时候 什麼時候 何时 何時 几点 幾點 언제 몇시 เมื่อไหร่ เมื่อไร กี่โมง"
    ),
    Kind.WHERE: "どこ 哪里 哪裡 哪儿 在哪 何处 어디 ที่ไหน",
    Kind.WHY: "なぜ どうして 为什么 為什麼 为何 왜 ทำไม",
    Kind.HOW: "どうやって どのように どうすれば 怎么 怎麼 怎样 如何 어떻게 อย่างไร ยังไง",
    Kind.HOW_LONG: (
        "どのくらいの期間 どれくらいの期間 何日間 何日 何年 多久 多长时间 几天 多少天 "
        "얼마나오래 며칠 นานแค่ไหน กี่วัน"
    ),
    Kind.HOW_MANY: "いくつ 何人 何個 何枚 几个 幾個 多少个 多少人 몇개 몇명 몇 กี่",
    Kind.HOW_MUCH: "いくら どのくらい どれくらい 多少钱 多少錢 多少 얼마 เท่าไหร่ เท่าไร",
    Kind.WHAT: "何 なに どの どれ 什么 什麼 哪个 哪些 哪 무엇 뭐 어떤 무슨 어느 อะไร ไหน",
    Kind.MAY: (
        "てもいいですか てもよいですか できますか 可能ですか 可以吗 能否 可以 能不能 "
        "해도되나요 할수있나요 가능한가요 ได้ไหม"
    ),
    Kind.MUST: "必要ですか なければなりませんか 需要吗 必须 必須 需要 해야하나요 필요한가요 ต้อง",
    Kind.IS: "ですか ますか 吗 嗎 인가요 나요 ไหม หรือไม่",
}
_BY_PART = {part: kind for kind, parts in _PARTS.items() for part in parts.split()}
_PART = re.compile("|".join(sorted(_BY_PART, key=lambda part: (-len(part), part))))
_YES_OR_NO = (Kind.MAY, Kind.MUST, Kind.IS)


def _kinds_of(words: str) -> dict[str, Kind]:
    """The kind that each phrase of a language tells."""
    kinds: dict[str, Kind] = {}
    for part in re.split(r" (?=[a-z]+:)", words):
        name, _, phrases = part.partition(":")
        kinds |= {phrase.strip(): _KINDS[name] for phrase in phrases.split("|")}
    return kinds


def _longest_first(phrases: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, phrases), key=lambda one: (-len(one), one)))


_PHRASES = {language: _kinds_of(words) for language, words in _WORDS.items()}
_FINDING = {
    language: re.compile(rf"(?<= )(?:{_longest_first(kinds)})(?= )")
    for language, kinds in _PHRASES.items()
}


def foreign_kind_of(text: str, language: str) -> tuple[Kind, str] | None:
    """What is asked, and ``text`` without the words that say it; None if no such word is known.

    ``text`` is in lower case, has one blank between two words, and one before and behind all.
    ``language`` is an English name, as `domain.languages` gives it, or a script.
    """
    if language not in _WORDS:
        return None
    found = _FINDING[language].search(text)
    if not found:
        return None
    return _PHRASES[language][found[0]], f"{text[: found.start()]}{text[found.end() :]}"


def unspaced_kind_of(text: str) -> tuple[Kind, str] | None:
    """The same for text in a script that has no blanks between words."""
    found = list(_PART.finditer(text))
    if not found:
        return None
    best = next((one for one in found if _BY_PART[one[0]] not in _YES_OR_NO), found[0])
    # What says it otherwise, as the end of a polite question, is no content either.
    return _BY_PART[best[0]], _PART.sub(" ", text)


def languages_with_words() -> tuple[str, ...]:
    return tuple(_WORDS)
