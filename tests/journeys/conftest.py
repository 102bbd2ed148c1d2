"""The real small model, for the journeys that answer with it."""

from tests.models import smollm2_home

__all__ = ["smollm2_home"]
