"""What servers send instead of a page, as reports say it."""

LOGIN = "it leads to a login"
NEEDS_JAVASCRIPT = "it shows nothing without JavaScript"
NOT_FOUND = "its server says that there is no such page, but not in the way that servers should"
LEADS_ON = "it only leads on to another page"
