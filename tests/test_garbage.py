"""The collector of garbage is kept away, and comes back."""

import gc

from auditkit._garbage import no_collection


def test_what_was_made_meanwhile_counts_as_old():
    with no_collection():
        assert not gc.isenabled()
        made = [[number] for number in range(10)]
    assert gc.isenabled()
    assert any(one is made for one in gc.get_objects(generation=2))


def test_it_stays_away_where_it_was():
    gc.disable()
    try:
        with no_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_others_have_put_aside_stays_there():
    aside = [1]
    gc.freeze()
    try:
        with no_collection():
            pass
        assert not any(one is aside for one in gc.get_objects())
    finally:
        gc.unfreeze()
    assert any(one is aside for one in gc.get_objects())
