"""Who does what to whom is told apart, however it is worded."""

import pytest

from domain.support.check import Checker
from tests.domain.build import passage


@pytest.mark.parametrize(
    ("shown", "right", "turned"),
    [
        (
            "The tenant pays the landlord a deposit of 900 euros.",
            "The landlord is paid a deposit of 900 euros by the tenant.",
            "The landlord pays the tenant a deposit of 900 euros.",
        ),
        (
            "The buyer informs the seller of defects within ten days.",
            "The seller has to be told of defects by the buyer within ten days.",
            "The seller informs the buyer of defects within ten days.",
        ),
        (
            "The customer receives the invoice from the supplier by mail.",
            "The supplier sends the customer the invoice by mail.",
            "The customer sends the supplier the invoice by mail.",
        ),
        (
            "The mentor assesses the apprentice every quarter.",
            "Every quarter the apprentice is assessed by the mentor.",
            "Every quarter the apprentice assesses the mentor.",
        ),
        (
            "The lender may ask the borrower for proof of income.",
            "A borrower can be asked for proof of income by the lender.",
            "A borrower may ask the lender for proof of income.",
        ),
        (
            "Carla Moss trains Peter Lund on the new press.",
            "Peter Lund is trained on the new press by Carla Moss.",
            "Peter Lund trains Carla Moss on the new press.",
        ),
        (
            "The contractor supplies the tools. The client provides water and power.",
            "Water and power come from the client.",
            "Water and power come from the contractor.",
        ),
        (
            "The contractor supplies the tools. The client provides water and power.",
            "The client has to provide water and electricity.",
            "The contractor has to provide water and electricity.",
        ),
        (
            "The nurse measures the patient's blood pressure twice a day.",
            "The patient's blood pressure is measured twice a day by the nurse.",
            "The patient measures the nurse's blood pressure twice a day.",
        ),
        (
            "The secretary keeps the minutes and the treasurer keeps the accounts.",
            "The treasurer is in charge of the accounts.",
            "The secretary is in charge of the accounts.",
        ),
        (
            "The driver hands the keys to the receptionist in the evening.",
            "In the evening the receptionist gets the keys from the driver.",
            "In the evening the receptionist hands the keys to the driver.",
        ),
        (
            "The manager approves leave within three days.",
            "Employees get their leave approved within three days.",
            "The board approves leave within three days.",
        ),
        (
            "The insurer refunds the patient 80 percent of the bill.",
            "The patient gets 80 percent of the bill back from the insurer.",
            "The patient refunds the insurer 80 percent of the bill.",
        ),
        (
            "Visitors must be accompanied by their host.",
            "A host has to accompany their visitors.",
            "Hosts must be accompanied by their visitors.",
        ),
        (
            "If the customer cancels, the vendor keeps the deposit.",
            "The vendor keeps the deposit when the customer cancels.",
            "The customer keeps the deposit when the vendor cancels.",
        ),
        (
            "The council appoints the director for five years.",
            "The director is appointed by the council for five years.",
            "The director appoints the council for five years.",
        ),
        (
            "The court notified the company in March.",
            "The company was notified by the court in March.",
            "The company notified the court in March.",
        ),
    ],
)
def test_what_one_party_does_is_not_told_of_another(shown: str, right: str, turned: str) -> None:
    checker = Checker([passage(shown)])
    assert all(one.supported for one in checker.check(right))
    assert not all(one.supported for one in checker.check(turned))
