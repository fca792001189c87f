"""No child outlives its parent, by the kernel's help or without it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.queue.worker_tree import living, wait_for

# A parent that forks a child and a grandchild, tells their ids, and waits to be killed.
FAMILY = """
import os, sys, time
from kyc_adapter.worker import family
if {without_kernel}:
    family._libc = None
family.end_with_parent(os.getppid())
child = os.fork()
if not child:
    grandchild = os.fork()
    if grandchild:
        print(os.getpid(), grandchild, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("without_kernel", [False, True])
def test_children_end_with_their_parent(without_kernel):
    code = FAMILY.format(without_kernel=without_kernel)
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    family = {int(pid) for pid in parent.stdout.readline().split()}
    assert len(living(family)) == 2

    parent.kill()
    parent.wait()

    wait_for(lambda: not living(family))


def test_child_of_a_parent_that_is_gone_ends_at_once():
    """It may die between the start of the child and the child's first look."""
    code = "from kyc_adapter.worker import family; family.end_with_parent(1); print('alive')"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert os.getpid() != 1
    assert (done.returncode, done.stdout) == (-9, "")
