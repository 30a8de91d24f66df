"""Numbers sorted, each once, are what numpy gives."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from auditkit._numbers import distinct, order_by, ranked, united


@given(st.sampled_from([np.int32, np.int64, np.uint64]).flatmap(lambda kind: arrays(kind, st.integers(0, 40))))
def test_numbers_are_those_of_numpy(numbers):
    wanted, places = np.unique(numbers, return_inverse=True)
    found, rank = ranked(numbers)
    assert np.array_equal(distinct(numbers), wanted)
    assert np.array_equal(found, wanted)
    assert np.array_equal(rank, places)
    assert found.dtype == numbers.dtype


@given(st.integers(0, 20), st.sampled_from([3, 2**31 - 2]), st.data())
def test_rows_are_ordered_by_the_first_column_first(count, most, data):
    columns = [data.draw(arrays(np.int32, count, elements=st.integers(0, most))) for _ in range(3)]
    rows = list(zip(*(column[order_by(*columns)].tolist() for column in columns), strict=True))
    assert rows == sorted(zip(*(column.tolist() for column in columns), strict=True))


@given(st.sampled_from([1, 40, 4_000]), st.data())
def test_numbers_of_all_parts_are_told_once(count, data):
    numbers = arrays(np.int32, st.integers(0, 30), elements=st.integers(0, count - 1))
    parts = data.draw(st.lists(numbers, max_size=3))
    assert united(parts, count).tolist() == sorted({number for part in parts for number in part.tolist()})
