"""The function words of some languages: of English, and of others to tell them from it."""

STOPWORDS = frozenset(
    "a an and are as at be been but by can do does for from had has have he her his how i if in "
    "is it its may no not of on or our she should so than that the their them there they this "
    "to was we were what when where which who will with would yes you your".split()
)
"""English words that are not searched for."""

ENGLISH = STOPWORDS | frozenset(
    "about after all any before could did into me my off out over some then these under up us "
    "while whom whose why".split()
)
DOUBTFUL = frozenset(
    "ada af agar ai akan al ale am ani ar as au av bade ban bao ben bin bis biz ce chez chi "
    "ci co com come comment como con cosa da dan das de del dele dem den des di die dies "
    "din dir dit donde dort dos dove du e el ella elle em en entre er es esse est este et "
    "eu fa far finns fra fran fur gi ha had han hat hay heb ho hoe hun i ihr il ile in io "
    "is ja jag jake je jest jos ka kami kan ki kim kun la lam las le lo los ma mag mam man "
    "mana mas me med meg men met mi mia mig min mina mir mit mitt mon mot mu muss na ne ni "
    "no nog non nos nu nur o ob od olla om op or os ou pa par para pas per po pod pour pro "
    "sa san sans se sei sem sen ses si sig sin ska som son sono soy su sulla sur tai take "
    "te ten til till to tot tout tra tu um un ut v va van var vi von w war was wat we wen y "
    "yang z".split()
)
"""Words that are also words, names or abbreviations in English texts."""

FUNCTION_WORDS = {
    "German": (
        "aber als am an auch auf aus bei beim bis da damit darf das dass dem den der des die "
        "dies diese dieser dir dort du durch ein eine einem einen einer eines er es für gegen "
        "gibt hat habe haben hier ich ihm ihn ihr ihre im in ist ja jede jeder jedes kann "
        "kein keine können man mein meine meinen meiner mich mir mit muss müssen nach nicht "
        "nie nein noch nur ob oder ohne sich sie sind so soll sollte über um und uns unser "
        "unsere unter viel viele vom von vor wann war warum was weil welche welchem welchen "
        "welcher welches wem wen wenn wer werden wie wieviel wir wird wo wohin zu zum zur "
        "zwischen"
    ),
    "French": (
        "a afin au aux avec ce cette ces chez combien comment dans de depuis des donc du elle "
        "elles en est et être il ils je la le les leur lui ma mais me mes moi mon ne notre nos "
        "nous on où ou par pas peut peux pour pourquoi quand que quel quelle quelles quels "
        "qui quoi sa sans se selon ses si son sont sur tous tout un une vos votre vous y à "
        "été"
    ),
    "Spanish": (
        "a al algo como cómo con cual cuál cuales cuáles cuando cuándo cuanta cuánta cuantas "
        "cuántas cuanto cuánto cuantos cuántos de del desde donde dónde el ella ellos en "
        "entre es esta está están este esto estos hace hacia hasta hay la las le lo los más "
        "me mi mis muy no nuestra nuestro nunca o para pero por porque puede pueden puedo que "
        "qué quien quién se según ser si sin sobre son su sus también tengo tiene tienen un "
        "una unos y"
    ),
    "Italian": (
        "a agli ai al alla alle anche che chi ci come con cosa da dai dal dalla degli dei del "
        "della delle devo di dove e gli ha hanno ho i il in io la le lo loro ma mi mia mio "
        "nei nel nella noi non nostra nostro o ogni per perché più possiamo posso può puoi "
        "quale quali quando quanta quante quanti quanto questa questo se sei senza si sono su "
        "sua suo sulla tra tutti tutta un una uno vi viene è"
    ),
    "Portuguese": (
        "a ao aos as às com como da das de dela dele do dos e ela ele eles em essa esse esta "
        "está este eu foi há isso isto já mais mas me meu minha muito na nas no nos nossa "
        "nosso não o onde os ou para pela pelo pode podem por porque posso quais qual quando "
        "quanta quantas quanto quantos que quem se sem ser seu são sobre sua também tem tenho "
        "têm um uma você é"
    ),
    "Dutch": (
        "aan als bij dan dat de deze die dit een en er geen gaat haar hebben heb heeft het "
        "hoe hoeveel hun iets ik in is je kan kunnen maar mag me meer met mijn moet moeten "
        "naar niet nog nu of om onder ons onze ook op over te tot uit van veel voor waar "
        "waarom wanneer was wat we welke wie wij worden wordt zich zijn"
    ),
    "Swedish": (
        "alla att av blir både de den det detta din du då där efter eller en ett finns får "
        "för från ha han har hur här i inte jag kan man med men mig min mitt mycket många "
        "måste ni när några och också om oss på sig ska skall som så till under upp ut utan "
        "vad var varför vem vi vid vilka vilken vilket är över"
    ),
    "Danish": (
        "af alle at blir blive bliver både da de den der deres det dette din du efter eller "
        "en er et etter finnes for fra få får ha han har hva hvad hvem hvilke hvilken hvis "
        "hvor hvordan hvorfor hvornår i ikke jeg kan man med meg men mig min mye må når nogen "
        "noen og også om op opp os oss på sig skal som så til uden under uten var ved vi være"
    ),
    "Finnish": (
        "ei ja jos joka jotka kuin kuinka kuka kun koska miksi millainen milloin minkä "
        "minulla minun minä missä mitkä mikä mitä monta mutta myös niin oli olla olen on onko "
        "ovat paljonko saa saako se sen siitä tai tämä voi voiko voin vai"
    ),
    "Polish": (
        "ale aby bez był być co czy dla do gdy gdzie i ich ile jak jaka jaki jakie jest jeśli "
        "już kiedy kto która które który lub mam mi mnie może mogę można na nad nie od oraz "
        "po pod przed przez przy są się tak także tego ten to tylko w we według z za ze że"
    ),
    "Czech": (
        "ale ani až bez co do i jak jaká jaké jaký je jejich jen jsem jsou já kde kdo kdy "
        "když kolik která které který mám mají máme mi může mohu můžu na nad ne nebo není od "
        "po pod podle pro proč před při se si také tak tento to v ve z za že"
    ),
    "Turkish": (
        "tane yılında hangisi hangisidir kimdir kaçtır arasında olduğu olduğunu tarafından "
        "ederek ama bana ben bir biz bu çok da daha de değil gibi hangi her için ile kaç "
        "kadar ki kim mı mi mu mü nasıl ne neden nedir nerede nereden neler olan olarak sonra "
        "var ve veya yok"
    ),
    "Indonesian": (
        "ada adalah agar akan apa apakah atau bagaimana bagi banyak berapa bisa boleh dalam "
        "dan dapat dari dengan di harus ini itu jika kami kapan karena ke kepada kita mana "
        "mereka mengapa oleh pada saya sebagai siapa sudah tidak untuk yang"
    ),
    "Vietnamese": (
        "bao bạn cho có của được gì giờ khi không là làm lúc một mỗi nào nhiêu như những "
        "ở phải sao tôi thế thì trong và về với đâu để"
    ),
    "Russian": (
        "а без бы в во вы где для до его если есть ещё и из или их к как какая какие какой "
        "какую когда ко кто ли можно мне мой мы на над не нет но о об он она они от по под "
        "после при про с сколько со так также то только у что чтобы это я"
    ),
    "Ukrainian": (
        "або але б в від вони де для до є за з і із їх й його коли ми можна мені на не ні об "
        "по при про та так також то у хто це чи чому що щоб як яка який які я скільки"
    ),
    "Greek": (
        "αν από αυτό για δεν είναι είμαι ένα ένας έχει έχω η θα και κάθε με μια μας μου να ο "
        "οι ποια ποιο ποιος πόσα πόσες πόση πόσο ποτε πότε που πού πως πώς σε στη στην στο "
        "στον στους τα τη την της τι τις το τον του τους των"
    ),
    "Arabic": (
        "أن أو أي أين إلى إذا التي الذي ثم على عن في قد كان كم كيف كل لا لم لماذا ليس "
        "ما ماذا متى من هذا هذه هل هو هي و"
    ),
    "Hebrew": (
        "אם אני או איך איפה את אתה הוא היא האם זה זאת יש כי כל כמה לא למה מה מי מתי על עם של"
    ),
    "Hindi": (
        "और एक का की के को कब कहाँ कहां कितना कितनी कितने किस कैसे कौन क्या क्यों जो "
        "तक तो था थी थे नहीं ने पर भी में मैं मुझे मेरा मेरी मेरे यह ये या वह वे से "
        "हम हमारे है हैं हो होता होती होते लिए"
    ),
}
"""By the English name of the language."""
