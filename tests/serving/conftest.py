from tests.models import smollm2_home

__all__ = ["smollm2_home"]
