"""Removes what people say around a question: greetings, thanks, ``can you tell me``."""

from collections.abc import Sequence, Set

_ASKING = (
    "can could would will".split(),
    "you anyone someone somebody anybody".split(),
    (
        "please tell me|tell me|tell us|please explain|explain to me|explain|help me understand|"
        "help me|let me know|please let me know|show me|remind me|confirm|say|clarify|advise|"
        "point me to|give me an idea|check"
    ).split("|"),
)
_FILLER = """
hi|hi there|hi all|hi team|hi everyone|hi folks|hello|hello there|hello all|hello everyone
hello team|hey|hey there|hey team|hey all|hey everyone|hey folks|hey guys|hiya|good morning
good afternoon|good evening|morning all|dear all|dear team|greetings|please|pls|plz|kindly
thanks|thank you|thank you very much|thank you in advance|many thanks|thanks in advance
thanks a lot|thx|ta|cheers|much appreciated|sorry to bother you|sorry to bother|sorry to ask
sorry|excuse me|apologies|if possible|asap|urgent|urgently|quick question|quick one
one quick question|just a quick question|just a quick one|a quick question|short question
one more question|another question|question for you|i have a question|i have a question about
i have one question|i had a question|i ve a question|ive got a question|i ve got a question
a question about|question about|question|silly question|stupid question|dumb question
maybe a silly question|probably a silly question|sorry if this was asked before
sorry if this has been asked before|not sure if this was asked|do you know|do you happen to know
does anyone know|does anybody know|does someone know|does somebody know|anyone know|anybody know
who knows|any idea|any ideas|do you have any idea|does anyone have an idea|got any idea
have you any idea|i need to know|i want to know|i would like to know|i d like to know
id like to know|i wanted to know|i wanted to ask|i want to ask|i would like to ask
i d like to ask|i wish to know|i need info on|i am wondering|i m wondering|im wondering
i was wondering|i wonder|just wondering|wondering|i am not sure|i m not sure|im not sure
not sure|i am trying to find out|i m trying to find out|trying to find out|i am looking for
i m looking for|looking for|i can t find|i cannot find|i can not find|i could not find
i couldn t find|tell me|please tell me|tell us|let me know|remind me|explain|explain to me
show me|give me|i need help with|need help with|help with|help|by the way|btw|fyi
for my understanding|just|actually|basically|honestly|simply|exactly|precisely|um|uh|erm|well|ok
okay|ok so|so|and|but|oh|anyway|again|once more|right now|these days|is there any information on
is there any info on|what do you know about|what do the documents say about
what does the handbook say about|what does the policy say about|according to the handbook
according to the policy|according to our policy|according to the rules|according to our rules
in our company|at our company|in this company|here at work|folks|guys|team|everyone|anyone|bot
out of curiosity|remember|as far as you know|in your opinion|i forgot|i keep forgetting|for me
for us|please advise|can you help|can you help me|could you help|could you help me
"""
_FOREIGN = """
hallo|hallo zusammen|guten tag|guten morgen|guten abend|moin|servus|grüezi|hi zusammen|bitte
danke|vielen dank|danke schön|danke im voraus|kurze frage|eine kurze frage|nur eine kurze frage
eine frage|frage|ich habe eine frage|ich hätte eine frage|können sie mir sagen
könnten sie mir sagen|kannst du mir sagen|könntest du mir sagen|könnt ihr mir sagen
kann mir jemand sagen|weiß jemand|weiss jemand|wissen sie|weißt du|weisst du|ich wüsste gern
ich möchte wissen|ich würde gerne wissen|sag mir|sagen sie mir|entschuldigung|mal|denn
eigentlich|eben|also|übrigens|bonjour|bonsoir|salut|svp|stp|s il vous plaît|s il te plaît
se il vous plaît|se il te plaît|merci|merci beaucoup|merci d avance|merci de avance
pouvez-vous me dire|pouvez vous me dire|pourriez-vous me dire|pourriez vous me dire
peux-tu me dire|peux tu me dire|pourrais-tu me dire|savez-vous|savez vous|sais-tu|sais tu
quelqu un sait|est-ce que quelqu un sait|petite question|une petite question|une question
j ai une question|je ai une question|excusez-moi|dites-moi|j aimerais savoir|je aimerais savoir
je voudrais savoir|hola|buenos días|buenas tardes|buenas|por favor|gracias|muchas gracias
una pregunta|una pregunta rápida|una duda|tengo una pregunta|tengo una duda|me puedes decir
me puede decir|puedes decirme|puede decirme|podrías decirme|podría decirme|alguien sabe|sabes
sabe usted|disculpa|disculpe|perdón|quisiera saber|me gustaría saber|dime|ciao|salve|buongiorno
buonasera|per favore|per piacere|grazie|grazie mille|una domanda|una domanda veloce
ho una domanda|mi puoi dire|puoi dirmi|può dirmi|mi può dire|potresti dirmi|potrebbe dirmi
qualcuno sa|sai|scusa|scusi|scusate|vorrei sapere|olá|oi|bom dia|boa tarde|boa noite
se faz favor|obrigado|obrigada|uma pergunta|uma dúvida|pode me dizer|pode dizer-me
podes dizer-me|podia dizer-me|alguém sabe|gostaria de saber|desculpe|hoi|goedemorgen|goedemiddag
goedendag|alsjeblieft|alstublieft|aub|bedankt|dank je|dank u|dank je wel|korte vraag|een vraag
een korte vraag|ik heb een vraag|kun je me vertellen|kunt u me vertellen|kan iemand me vertellen
kan iemand me zeggen|weet iemand|weet je|weet u|even|sorry|hej|hejsan|hei|god morgen|god morgon
tack|tack så mycket|takk|tak|snälla|vänligen|vær så snill|en fråga|en snabb fråga|et spørsmål
et spørgsmål|kan du säga|kan du fortelle meg|vet någon|vet noen|kan du sige mig
er der nogen der ved|cześć|dzień dobry|witam|proszę|dziękuję|dzięki|mam pytanie|krótkie pytanie
czy ktoś wie|czy możesz mi powiedzieć|czy może mi pan powiedzieć|czy może mi pani powiedzieć
przepraszam|ahoj|dobrý den|prosím|díky|děkuji|mám dotaz|rychlý dotaz|neví někdo|můžete mi říct
můžeš mi říct|merhaba|selam|lütfen|teşekkürler|teşekkür ederim|bir sorum var|bilen var mı|acaba
moi|terve|hei kaikki|kiitos|kysymys|tietääkö joku|halo|selamat pagi|tolong|terima kasih|привет
здравствуйте|добрый день|доброе утро|пожалуйста|спасибо|подскажите|скажите|подскажи|скажи
кто-нибудь знает|кто знает|вопрос|есть вопрос|можете сказать|не подскажете|извините|привіт
добрий день|будь ласка|дякую|підкажіть|скажіть
"""
_WITHOUT_BLANKS = tuple(
    (
        "請問一下 请问一下 请问 請問 你好 您好 谢谢 謝謝 麻烦 麻煩 不好意思 我想知道 我想问 "
        "こんにちは おはようございます お疲れ様です すみません すいません お願いします "
        "お願いいたします 教えてください 教えて下さい を教えて 教えて ありがとうございます "
        "ちょっと質問です 質問です 質問ですが 知りたいです 知りたい でしょうか 안녕하세요 "
        "감사합니다 고맙습니다 알려주세요 알려 궁금합니다 질문 있습니다 혹시 실례합니다 สวัสดีครับ "
        "สวัสดีค่ะ สวัสดี ขอบคุณครับ ขอบคุณค่ะ ขอบคุณ ขอถามหน่อย"
    ).split()
)


_ANYWHERE = 3
"""Phrases of so many words are filler wherever they stand, shorter ones at the edges only."""

_POLITE = frozenset(
    "please pls plz kindly thanks thx bitte danke merci svp stp gracias grazie obrigado obrigada "
    "tack takk proszę dziękuję prosím lütfen пожалуйста спасибо actually basically honestly "
    "exactly eigentlich denn".split()
) | {"por favor", "per favore", "do you know", "by the way"}


def _phrases() -> frozenset[str]:
    lines = "|".join((*_FILLER.splitlines(), *_FOREIGN.splitlines()))
    can, you, tell = _ASKING
    return frozenset(filter(None, lines.split("|"))).union(
        f"{one} {who} {what}" for one in can for who in you for what in tell
    )


_PHRASES = _phrases()
_LONGEST = max(len(phrase.split()) for phrase in _PHRASES)
_INSIDE = frozenset(
    phrase for phrase in _PHRASES if phrase in _POLITE or len(phrase.split()) >= _ANYWHERE
)
_FIRST = frozenset(phrase.split()[0] for phrase in _PHRASES)


def without_filler(text: str) -> str:
    """``text`` without greetings and thanks; it has one blank between two words and around all.

    What is nothing else stays as it is.
    """
    if not text.isascii():
        for phrase in _WITHOUT_BLANKS:
            text = text.replace(phrase, " ")
    words = _without_inner(text.split())
    start, end = 0, len(words)
    while start < end and (size := _size(words, start, end, _PHRASES)):
        start += size
    while start < end and (size := _size_at_end(words, start, end)):
        end -= size
    kept = words[start:end] or text.split()
    return f" {' '.join(kept)} "


def _without_inner(words: Sequence[str]) -> list[str]:
    kept: list[str] = []
    at = 0
    while at < len(words):
        size = _size(words, at, len(words), _INSIDE)
        if not size:
            kept.append(words[at])
        at += size or 1
    return kept


def _size(words: Sequence[str], start: int, end: int, phrases: Set[str]) -> int:
    """How many words the longest phrase has with which ``words[start:end]`` begins."""
    if words[start] not in _FIRST:
        return 0
    sizes = range(min(_LONGEST, end - start), 0, -1)
    return next((n for n in sizes if " ".join(words[start : start + n]) in phrases), 0)


def _size_at_end(words: Sequence[str], start: int, end: int) -> int:
    sizes = range(min(_LONGEST, end - start), 0, -1)
    return next((n for n in sizes if " ".join(words[end - n : end]) in _PHRASES), 0)
