from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils.timezone import now

from common.ids import earliest_id, new_id


def test_ids_are_uuid7_and_in_the_order_they_were_made():
    ids = [new_id() for _ in range(1000)]

    assert all(type(id_) is UUID and id_.version == 7 for id_ in ids)
    assert ids == sorted(set(ids))


def test_a_moment_parts_the_ids_made_before_from_those_made_after():
    made = new_id()

    assert (
        earliest_id(now() - timedelta(seconds=1)) < made < earliest_id(now() + timedelta(seconds=1))
    )
