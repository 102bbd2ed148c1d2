"""Words that mean the same in the documents of a company."""

SYNONYMS = """
get receive obtain entitled entitlement grant eligible earn collect acquire
employee staff colleague personnel workforce mitarbeiter beschäftigte
leave holiday vacation urlaub depart departure
cost price charge fee rate tariff priced free gratis complimentary kostenlos gratuit gratuito
buy purchase procure order
begin start commence launch
end finish conclude over complete
require required need needed mandatory obligatory necessary compulsory requirement optional
require voluntary
send submit mail dispatch ship forward transmit email e-mail hand give pass
tell inform notify report announce notification notice
boss supervisor manager lead superior
phone telephone call ring extension tel reach contact
repair fix mend
broken faulty defective damaged damage fault defect
car vehicle auto
year annual yearly
day daily
week weekly
month monthly
hour hourly
night nightly overnight
keep store retain preserve storage stored retention shop
discard dispose throw bin waste rubbish trash garbage
child kid
check inspect verify examine inspection control
quick fast rapid
big large
small little
authorize authorise authorization
approve sign confirm approval consent signature
clean wash rinse
spin centrifuge
use operate operation utilize surgery
close shut
answer reply respond response
client customer
firm company business organization organisation employer
meeting appointment
doctor physician
illness sick ill sickness disease
document paper file record
replace swap exchange substitute replacement change
receipt invoice bill proof
reimburse refund repay reimbursement
delete remove erase
contain include hold comprise exclude omit skip
locate situated found lie
parcel package packet
refuse reject decline deny
photograph photo photography picture pictures
quit resign
hire recruit employ rent lease
salary wage pay payment remuneration
arrive arrival
journey trip travel
flat apartment
lift elevator
mobile cellphone smartphone
test trial exam
teacher instructor
pupil student
guest visitor
help assist support assistance
torque tighten
supply supplies supplied provide provision offer deliver delivery
choose select pick
mistake error
temperature degree
warm heat hot heated
cold cool chilled refrigerated fridge refrigerator
limit cap ceiling
happen occur
switch turn
show display present
usual normal standard regular
immediate promptly straightaway
expire lapse
ask request apply
stay remain
school lesson class
handle process manage
carry transport haul
run execute
bike bicycle cycle
insure cover insured coverage
reserve book booking reservation
part component
move shift relocate
eat meal food
drink beverage
owner proprietor
tenant renter lodger
street road
toilet restroom bathroom
laptop notebook computer
password passcode
website site page
room chamber
machine device equipment appliance unit
engineer technician
rule policy regulation
contract agreement
court tribunal
lawyer attorney solicitor counsel
claim demand
amount sum quantity
enter entry access admission admit
increase raise rise grow
decrease reduce drop fall lower cut reduction discount
permit licence license
safe secure
danger hazard risk
weigh weight
train training instruct teach
alter modify amend adjust
make produce manufacture
build construct erect
cook prepare boil
spouse husband wife partner
stop halt cease
cancel cancellation
sale sell
""".strip()
"""Each line is a group; the first word stands for all of them."""
