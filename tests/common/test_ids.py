from __future__ import annotations

from uuid import UUID

from common.ids import new_id


def test_ids_are_uuid7_and_in_the_order_they_were_made():
    ids = [new_id() for _ in range(1000)]

    assert all(type(id_) is UUID and id_.version == 7 for id_ in ids)
    assert ids == sorted(set(ids))
