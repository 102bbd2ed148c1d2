"""Pairs of questions of many trades: what means the same, and what does not although it looks so.

Each line has two questions with a bar between them.
"""

SAME = """
How do I register a new calf? | hi there, can you tell me how to register a new calf please
How do I register a new calf? | What is the procedure for registering a new calf?
What is the deadline for grant applications? | When is the grant application deadline?
When does the museum shop open? | What are the opening hours of the museum shop?
What time does the ferry leave? | When does the ferry leave, please?
Where are the stage lights stored? | where do we keep the stage lights??
Where is the eye wash station? | Sorry to bother you, where can I find the eye wash station?
What does a locker cost? | How much is a locker?
What is the price of a season ticket? | How much do season tickets cost?
How long is the warranty on a boiler? | what is the duration of the boiler warranty
How many days of leave do apprentices get? | How many days of leave are apprentices entitled to?
How many chairs fit into the choir room? | hi, how many chairs fit in the choir room
Who approves overtime in the kitchen? | Anyone know who approves overtime in the kitchen? Thx!
Who is responsible for the greenhouse keys? | Who do I contact about the greenhouse keys?
Can visitors bring dogs into the archive? | Are visitors allowed to bring dogs into the archive?
May I photograph the exhibits? | is it ok to photograph the exhibits
Do I need a helmet in the quarry? | Is a helmet required in the quarry?
Do we have to sign the logbook every shift? | Must we sign the logbook every shift?
Why was the compressor replaced? | What is the reason the compressor was replaced?
How often are the fire doors inspected? | At what intervals are the fire doors checked?
What should I do if the milk tank alarm rings? | what to do when the milk tank alarm rings
Which gloves do I need for the acid bath? | What gloves do I need for the acid bath?
How old must a pilot boat trainee be? | What is the age of a pilot boat trainee?
Where is the clinic? | What's the address of the clinic?
How do I cancel a booking? | How can I cancel a reservation?
What happens if a guest loses the wristband? | hey, what happens when a guest loses a wristband?
Can I return unsold bread? | Please, can I return unsold bread? Thank you in advance.
how do i reset the card reader | Good morning! Could someone explain how to reset the card reader?
How much flour do we order a week? | Quick one - how much flour do we order each week?
Is parking behind the depot permitted? | Can I park behind the depot?
Who do we inform about a broken window? | I'd like to know who we inform about a broken window.
When must invoices be paid? | when do invoices have to be paid
How do I book the rehearsal stage for 2 hours? | How can I book the rehearsal stage for two hours?
Isn't the sauna closed on Mondays? | Is the sauna closed on Mondays?
colour of the visitor badge | What is the color of the visitor badge?
claims deadline? | What's the deadline for claims?
Wann öffnet das Lager? | Hallo, kurze Frage: Wann öffnet das Lager? Danke!
Wie melde ich einen Wildunfall? | Können Sie mir bitte sagen, wie ich einen Wildunfall melde?
Wer repariert den Gabelstapler? | Weiß jemand, wer den Gabelstapler repariert?
Où se trouve la clé du hangar ? | Bonjour, où se trouve la clé du hangar, s'il vous plaît ?
Comment commander des gants ? | Bonjour, pouvez-vous me dire comment commander des gants ? Merci
¿Cuándo cierra el invernadero? | Hola, ¿alguien sabe cuándo cierra el invernadero? Gracias
Chi firma i turni? | Ciao, una domanda: chi firma i turni? Grazie
Hoe bestel ik nieuwe filters? | Hoi, weet iemand hoe ik nieuwe filters bestel? Bedankt
Как заказать пропуск? | Здравствуйте, подскажите, пожалуйста, как заказать пропуск?
返品の期限はいつですか | すみません、返品の期限はいつですか
图书馆几点开门？ | 你好，请问图书馆几点开门？谢谢
Kto podpisuje grafik? | Dzień dobry, czy ktoś wie, kto podpisuje grafik?
"""

DIFFERENT = """
How do I report a spill? | Who do I report a spill to?
When do I report a spill? | Where do I report a spill?
Why do we report spills? | How do we report spills?
How many lambs may one pen hold? | How much hay may one pen hold?
How long may samples thaw? | How often may samples thaw?
Can samples be frozen again? | Must samples be frozen again?
Can I feed the seals when they are ill? | Can I feed the seals when they are not ill?
Can guests cancel with a receipt? | Can guests cancel without a receipt?
What is the fee for boats over 10 metres? | What is the fee for boats over 12 metres?
How long are 2 year leases extended? | How long are 10 year leases extended?
How do I open valve AB-12? | How do I open valve AB-13?
Who insures the bikes in Lyon? | Who insures the bikes in Turin?
What does the landlord repair? | What does the tenant repair?
What does the employer pay for safety shoes? | What does the employee pay for safety shoes?
Which is the internal number of the lab? | Which is the international number of the lab?
May I smoke inside the barn? | May I smoke outside the barn?
What must I do before the autoclave starts? | What must I do after the autoclave starts?
How do I switch on the kiln? | How do I switch off the kiln?
What is the minimum age for the forklift? | What is the maximum age for the forklift?
What is the first train to the mine? | What is the last train to the mine?
When can I hand in my thesis? | When must I hand in my thesis?
What can I bring to the exam? | What must I bring to the exam?
How do I move stock from the depot to the shop? | How do I move stock from the shop to the depot?
Is the hall free on Fridays? | Is the hall cleaned on Fridays?
Who signs contracts with suppliers? | Who signs contracts with contractors?
What is the policy for lost keys? | What is the policy for stolen keys?
Are guide dogs allowed in the pool? | Are guide dogs forbidden in the pool?
Where is the customs form? | Where is the customer form?
Which breaks are included in the shift? | Which breaks are excluded from the shift?
How do I apply for parental leave? | How do I apply for sick leave?
What happens if the pump fails? | What do I do if the pump fails?
How late may I order fish? | How much fish may I order?
What is the code of the north gate? | What is the code of the south gate?
When does the morning tour start? | When does the evening tour start?
Who pays the fine for late books? | Who pays for late books?
How do I renew a library card? | How do I replace a library card?
Is insurance optional for volunteers? | Is insurance required for volunteers?
What is the email address of the clinic? | What is the address of the clinic?
How many people may use the lift? | How many people must use the lift?
Do I need a visa for the trip? | Do I need a vaccination for the trip?
Wann öffnet das Lager? | Wo öffnet das Lager?
Wer darf den Kran bedienen? | Wie darf man den Kran bedienen?
Darf ich mit Hund ins Archiv? | Darf ich ohne Hund ins Archiv?
Combien coûte un casier ? | Comment réserver un casier ?
¿Cuándo cierra el museo? | ¿Dónde está el museo?
Chi paga il casco? | Quanto costa il casco?
Wie bestelt de filters? | Hoe bestel ik filters?
Как заказать пропуск? | Где заказать пропуск?
返品の期限はいつですか | 返品はどこでできますか
图书馆几点开门？ | 图书馆在哪里？
"""

SAME_TOO = """
What's the wifi name for the bakery? | Could you tell me the wifi name for the bakery?
How do I get a replacement wristband? | Hey folks, how can I get a replacement wristband, thanks!
When's the next blood drive? | what date is the next blood drive?
Where do I park the cherry picker? | where should I park the cherry picker?
Is it allowed to eat in the reading room? | Can we eat in the reading room?
How many litres does the tank hold? | what is the number of litres the tank holds
Who can sign for a delivery? | Who is allowed to sign for deliveries?
How long does the glue need to dry? | How long must the glue dry?
I lost my access card. What should I do? | What do I do if I lose my access card?
Do volunteers get paid? | Are volunteers paid?
My crane licence expires soon, how do I renew it? | How do I renew my crane licence?
What is the notice period for the stall? | How long is the notice period for the stall?
Are we supposed to wear ear plugs in the lab? | Do we have to wear ear plugs in the lab?
Bitte, wie lange ist der Brutraum gesperrt? | wie lange ist der Brutraum gesperrt
Welche Handschuhe brauche ich? | Moin! Welche Handschuhe brauche ich denn?
Quanto dura il corso? | Buongiorno, potrebbe dirmi quanto dura il corso?
请问怎么预约实验室？ | 怎么预约实验室？
"""

DIFFERENT_TOO = """
Who cleans the filter? | When is the filter cleaned?
Can I store paint in the attic? | Where can I store paint?
How much does the audio guide cost? | How do I get the audio guide?
Is lunch paid? | Is lunch break long?
How do I enrol before May? | How do I enrol after May?
What does a 10 ride card cost? | What does a 20 ride card cost?
Can a minor rent a kayak? | Can a minor rent a canoe?
Who trains new guides? | Who pays new guides?
How do I appeal a grade? | When can I appeal a grade?
Which doors lock at 6 pm? | Which doors lock at 8 pm?
Are children under 6 free? | Are children over 6 free?
Can I enter without a ticket? | Can I enter with a ticket?
Wie viele Tage Urlaub gibt es? | Wie beantrage ich Urlaub?
Qui ouvre la salle ? | Quand ouvre la salle ?
怎么预约实验室？ | 谁可以预约实验室？
"""
"""Of these, 28 of 32 were told right when they were first tried, and two of the rest since."""


def pairs(lines: str) -> list[tuple[str, str]]:
    cut = (line.split(" | ") for line in lines.splitlines() if line)
    return [(one, other) for one, other in cut]
