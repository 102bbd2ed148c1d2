"""Words that bind others and do not say what a sentence is about."""

_FUNCTION_WORDS = (
    # English; what only binds words, what says how sure or how often, and what an answer adds
    "a about according after again all also although always am an and any anyone anything are as "
    "at be because been before being between both but by ca can could did do does doing done down "
    "during each either else etc even ever every everyone everything for from further had has "
    "have having he her here hers him his how however i if in into is it its itself just may me "
    "might more most much must my need needs never no nobody none nor not nothing of off on once "
    "only onto or other our ours out over own per please same shall she should since so some "
    "someone something such than that the their theirs them then there therefore these they this "
    "those through thus to too under unless until up upon us usually very via was we were what "
    "when where whether which while who whom whose why will with within without wo would yes yet "
    "you your yours yourself able allowed allow permitted permit possible possibly least less "
    "latest later earlier above below minimum maximum between around approximately "
    "otherwise additionally furthermore moreover besides instead meanwhile finally lastly "
    "similarly likewise specifically generally typically normally afterwards hence overall "
    "note unfortunately currently alternatively unlike despite accordingly consequently regarding "
    "concerning depending forbidden forbid forbids prohibited prohibit prohibits "
    "banned ban bans disallowed barred long take takes taking taken took "
    "o'clock o’clock mr mrs ms miss dr prof herr herrn frau sir madame mme monsieur señor señora "
    "fine okay welcome am pm a.m p.m uhr h go goes going went gone "
    "document documents passage passages handbook based according sorry neither whole full entire "
    "provided people person persons thing things make makes made way case means meaning one ones "
    # German
    "aber als am an auch auf aus bei beim bis da damit dann das dass dem den denn der des die dies "
    "diese dieser doch du durch ein eine einem einen einer eines er es für hat haben hier ich ihm "
    "ihn ihr im in ist ja jede jeder kann kein keine keinen können man mit muss müssen nach nicht "
    "nie nein noch nur oder ohne sich sie sind so soll über um und uns unter vom von vor war was "
    "weil wenn wer werden wie wir wird wo zu zum zur darf dürfen wurde wurden höchstens mindestens "
    "wenigstens maximal spätestens ausschließlich laut gemäß außerdem zudem dort dabei dafür daher "
    "jeden jedes jedem verboten untersagt erlaubt gestattet möglich "
    # French and Spanish
    "au aux avec ce ces dans de des du elle en est et il ils je la le les leur lui mais ne nous on "
    "ou où par pas pour que qui sa se ses son sont sur un une vous con cuando del donde el ella "
    "ellos es esta este hay las lo los más muy no nunca o para pero por puede que ser si sin son "
    "su sus también una y interdit interdite permis permise possible possibles prohibido prohibida "
    "permitido permitida posible permite maximum minimum selon d'après chaque tous toutes "
    "faire interdits interdites permises cet cette fait être peut peuvent doit doivent según cada "
    "todos todas debe deben pueden este esto está están"
)
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())

VERBS = frozenset(
    "is are was were be has have had can could may might must shall should will would do does did "
    "need needs ist sind war wird werden kann können darf dürfen muss müssen soll "
    "hat haben".split()
)
"""Verbs that stand behind a subject."""
