"""What the documents do not answer: found, shown to admins, closed, and told to who asked."""
