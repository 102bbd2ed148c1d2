import subprocess
import sys

_TOLD = """
import gc
from cli.garbage import kept

class Node:
    pass

with kept() as objects:
    objects.renew()
    first = gc.get_freeze_count()
    node = Node()
    node.itself = node
    objects.renew()
    print(gc.get_freeze_count() <= first)
    del node
    print(gc.collect() > 0)
    import xmlrpc.client
    objects.renew()
    print(gc.get_freeze_count() > first)
print(gc.get_freeze_count())
"""


def test_modules_are_not_looked_through_for_garbage_and_what_came_later_is() -> None:
    """In a process of its own, since it is about all objects of one."""
    told = subprocess.run([sys.executable, "-c", _TOLD], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True", "True", "True", "0"]
