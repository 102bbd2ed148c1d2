"""Words that bind others and do not say what a sentence is about."""

from domain.function_words import ENGLISH

_MORE = (
    # what says how sure or how often, and what an answer adds
    "according again also although always am anyone anything because being between both ca doing "
    "done down during each either else etc even ever every everyone everything further having "
    "here hers him however itself just might more most much must need needs never nobody none nor "
    "nothing once only onto other ours own per please same shall since someone something such "
    "theirs therefore those through thus too unless until upon usually very via whether within "
    "without except wo yet yours yourself able allowed allow permitted permit possible possibly "
    "least less latest later earlier above below minimum maximum around approximately otherwise "
    "additionally furthermore moreover besides instead meanwhile finally lastly similarly "
    "likewise specifically generally typically normally afterwards hence overall note "
    "unfortunately currently alternatively unlike despite accordingly consequently regarding "
    "concerning depending forbidden forbid forbids prohibited prohibit prohibits banned ban bans "
    "disallowed barred take takes taking taken took o'clock o’clock mr mrs ms miss dr prof "
    "herr herrn frau sir madame mme monsieur señor señora fine okay welcome pm a.m p.m uhr h go "
    "goes going went gone document documents passage passages handbook based sorry neither whole "
    "full entire provided people person persons thing things make makes made way case means "
    "meaning one ones "
    # German
    "aber als auch auf aus bei beim bis da damit dann das dass dem den denn der des die dies "
    "diese dieser doch du durch ein eine einem einen einer eines er es für hat haben hier ich ihm "
    "ihn ihr im ist ja jede jeder kann kein keine keinen können man mit muss müssen nach nicht "
    "nie nein noch nur oder ohne sich sie sind soll über um und uns unter vom von vor war weil "
    "wenn wer werden wie wir wird zu zum zur darf dürfen wurde wurden höchstens mindestens "
    "wenigstens maximal spätestens ausschließlich laut gemäß außerdem zudem dort dabei dafür "
    "daher jeden jedes jedem verboten untersagt erlaubt gestattet möglich "
    # French and Spanish
    "au aux avec ce ces dans de elle en est et il ils je la le les leur lui mais ne nous ou où "
    "par pas pour que qui sa se ses son sont sur un une vous con cuando del donde el ella ellos "
    "esta este hay las lo los más muy nunca o para pero por puede ser si sin su sus también una y "
    "interdit interdite permis permise possibles prohibido prohibida permitido permitida posible "
    "permite selon d'après chaque tous toutes faire interdits interdites permises cet cette fait "
    "être peut peuvent doit doivent según cada todos todas debe deben pueden esto está están"
)
FUNCTION_WORDS = ENGLISH.union(_MORE.split())
"""The words that do not count as common words of two sentences."""

VERBS = frozenset(
    "is are was were be has have had can could may might must shall should will would do does did "
    "need needs ist sind war wird werden kann können darf dürfen muss müssen soll hat haben".split()
)
"""Verbs that stand behind a subject."""
