from tests.bench.wechat_bodies import measure


def test_a_callback_costs_at_most_half_of_what_it_costs_in_wechatpy() -> None:
    figures = measure()
    assert figures["wechat_body_over_wechatpy"] <= 0.5
    assert 0 < figures["wechat_body_microseconds"] < figures["wechatpy_body_microseconds"]
