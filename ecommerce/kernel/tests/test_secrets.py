import pytest

from ecommerce.kernel import secrets


def test_what_is_encrypted_is_read_again_and_never_the_same_twice():
    first, second = secrets.encrypt("answers", b"plain"), secrets.encrypt("answers", b"plain")
    assert first != second
    assert b"plain" not in first
    assert secrets.decrypt("answers", first) == secrets.decrypt("answers", second) == b"plain"


@pytest.mark.parametrize("sealed", [b"", b"short", b"x" * 100])
def test_what_was_not_encrypted_here_is_refused(sealed):
    with pytest.raises(secrets.CannotDecrypt):
        secrets.decrypt("answers", sealed)


def test_altered_bytes_and_another_purpose_are_refused():
    sealed = secrets.encrypt("answers", b"plain")
    with pytest.raises(secrets.CannotDecrypt):
        secrets.decrypt("answers", sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(secrets.CannotDecrypt):
        secrets.decrypt("other", sealed)


def test_a_signature_holds_for_its_purpose_and_parts_only():
    signature = secrets.sign("order", "id-1", 2)
    assert secrets.verify(signature, "order", "id-1", 2)
    assert secrets.verify(signature, "order", "id-1", "2")
    for purpose, parts in [
        ("cart", ("id-1", 2)),
        ("order", ("id-1", 3)),
        ("order", ("id-12",)),
        ("order", ("id-", "12")),
    ]:
        assert not secrets.verify(signature, purpose, *parts)


@pytest.mark.parametrize("given", ["", "a", "é", "\ud800", "=" * 43])
def test_no_odd_signature_holds(given):
    assert not secrets.verify(given, "order", "id-1")


def test_only_a_whole_signature_holds_unless_its_length_is_given():
    signature = secrets.sign("order", "id-1")
    assert not secrets.verify(signature[:22], "order", "id-1")
    assert secrets.verify(signature[:22], "order", "id-1", length=22)
    assert not secrets.verify("", "order", "id-1", length=22)


def test_older_keys_still_open_and_verify_but_make_nothing_new(settings):
    sealed, signature = secrets.encrypt("answers", b"plain"), secrets.sign("order", 1)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new one"
    assert secrets.decrypt("answers", sealed) == b"plain"
    assert secrets.verify(signature, "order", 1)
    assert secrets.sign("order", 1) != signature
    settings.SECRET_KEY_FALLBACKS = []
    assert not secrets.verify(signature, "order", 1)
