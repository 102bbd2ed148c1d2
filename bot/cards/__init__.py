"""What an expert writes in a thread becomes an answer, once somebody has confirmed it."""
