"""How every HTTP answer of the shop looks: problems, pages, idempotency, ETags, throttles."""
