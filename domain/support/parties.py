"""People and bodies by their role, such as the tenant and the landlord."""

from domain.support.vocabulary import stem

PARTIES = frozenset(
    (
        "tenant landlord lessor lessee vendor supplier buyer seller purchaser customer client "
        "contractor subcontractor owner operator employer manager director controller secretary "
        "chair chairman treasurer board council committee department company insurer insured "
        "driver pilot captain crew passenger nurse doctor pharmacist patient carer parent "
        "mother father child teacher pupil student mentor apprentice intern trainee trainer "
        "visitor host lender borrower sender recipient author reviewer editor user "
        "administrator applicant candidate caretaker cleaner technician inspector auditor guard "
        "receptionist carrier shipper licensor licensee court judge witness member coach "
        "referee player farmer trader donor sponsor agent broker bank conductor librarian "
        "curator porter foreman welder electrician plumber agency authority union accountant "
        "lawyer attorney notary signaller assistant supervisor leader employee "
        "staff"
    ).split()
)
AUDIENCE = frozenset(map(stem, ("employee", "visitor", "member", "applicant")))
"""Those of whom rules speak; what they do is told of them in many ways."""

SPOKEN_OF = frozenset(
    "customer client user patient parent child student pupil member company employer owner "
    "passenger reader player agent board doctor mother father buyer purchaser department".split()
)
"""Whom an answer may name where the passage says only what is done."""

BODIES = PARTIES.union(
    (
        "team desk office clerk warden vet stockman head deputy chef cook organiser "
        "organizer planner officer engineer counsel registrar dean pastor priest master "
        "keeper helper volunteer guide usher purser skipper mechanic dispatcher "
        "paramedic midwife surgeon therapist secretariat workshop laboratory lab "
        "reception security payroll legal finance marketing purchasing procurement"
    ).split()
)
"""Those and others that do something, which words of other meanings are among."""
