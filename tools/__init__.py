"""What is made from the source: the picture of the packages, the list of licences, a release."""
