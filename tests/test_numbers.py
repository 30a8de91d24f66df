"""Numbers sorted, each once, are what numpy gives."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from auditkit._numbers import distinct, ranked


@given(st.sampled_from([np.int32, np.int64, np.uint64]).flatmap(lambda kind: arrays(kind, st.integers(0, 40))))
def test_numbers_are_those_of_numpy(numbers):
    wanted, places = np.unique(numbers, return_inverse=True)
    found, rank = ranked(numbers)
    assert np.array_equal(distinct(numbers), wanted)
    assert np.array_equal(found, wanted)
    assert np.array_equal(rank, places)
    assert found.dtype == numbers.dtype
