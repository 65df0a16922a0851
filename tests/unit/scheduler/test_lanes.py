"""How a batch is split into lanes: whole partitions, nothing lost, nothing out of order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.intake import LANES, Record, lanes_of


@given(st.lists(st.integers(0, 300), max_size=8))
def test_lanes_hold_whole_partitions_in_order(sizes: list[int]) -> None:
    """Every record is in exactly one lane, a partition's records in one lane and in their order."""
    batch = [
        Record("t", partition, offset, None, b"") for partition, size in enumerate(sizes) for offset in range(size)
    ]
    lanes = lanes_of(batch)
    assert len(lanes) <= LANES
    assert all(lanes)
    assert sorted((r.partition, r.offset) for lane in lanes for r in lane) == [(r.partition, r.offset) for r in batch]
    homes: dict[int, int] = {}
    for number, lane in enumerate(lanes):
        for partition in {record.partition for record in lane}:
            assert homes.setdefault(partition, number) == number
            offsets = [record.offset for record in lane if record.partition == partition]
            assert offsets == sorted(offsets)


def test_a_small_batch_is_one_lane() -> None:
    """Two transactions would cost more than they save."""
    assert len(lanes_of([Record("t", partition, 0, None, b"") for partition in range(6)])) == 1
    assert lanes_of([]) == []
