import numpy as np
import pytest

from salience.cuda import arrays, segments
from salience.cuda.plans import Plan, send, send_with


def test_several_arrays_go_over_at_once(monkeypatch):
    sent, to_device = [], arrays.to_device
    monkeypatch.setattr(arrays, "to_device", lambda array: sent.append(array) or to_device(array))
    host = [np.arange(6).reshape(2, 3), np.arange(0), np.arange(4)]
    for there, here in zip(send(host), host, strict=True):
        np.testing.assert_array_equal(there.copy_to_host(), here)
    assert len(sent) == 1


def test_starts_carry_their_plans(monkeypatch):
    starts = np.array([0, 2, 2, 1000])
    doubled = Plan(lambda starts, times: (times * starts,))
    planned, (others,) = send_with(starts, [(segments.plan, ()), (doubled, (2,))], [np.arange(3)])
    np.testing.assert_array_equal(others.copy_to_host(), np.arange(3))
    want = segments.segments_of(starts)
    monkeypatch.setattr(arrays, "to_device", None)  # nothing more is sent
    (twice,) = doubled(planned, 2)
    np.testing.assert_array_equal(twice.copy_to_host(), 2 * starts)
    got = segments.segments_of(planned)
    np.testing.assert_array_equal(got.rows.copy_to_host(), want.rows.copy_to_host())
    np.testing.assert_array_equal(got.ends.copy_to_host(), want.ends.copy_to_host())
    assert got.divided
    with pytest.raises(TypeError):
        doubled(planned, 3)  # planned with other options, so it would be sent
