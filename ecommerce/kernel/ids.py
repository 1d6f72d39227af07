"""The only source of ids in the modules. Imports no Django."""

from datetime import UTC, datetime
from uuid import UUID

from ecommerce.kernel import chance, clock


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits, so that ids of one table grow with time."""
    milliseconds = int(clock.now().timestamp() * 1000)
    value = (milliseconds << 80) | int.from_bytes(chance.random_bytes(10), "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=value)


def first_id(since: datetime) -> UUID:
    """The smallest UUIDv7 of that moment: the ids made from then on are not smaller."""
    return UUID(int=int(since.timestamp() * 1000) << 80)


def moment_of(made: UUID) -> datetime:
    """When a UUIDv7 was made, to the millisecond, in UTC."""
    return datetime.fromtimestamp((made.int >> 80) / 1000, tz=UTC)


def new_capability_id() -> UUID:
    """A UUIDv4: 122 random bits, for ids that are keys by themselves (a guest's cart)."""
    return UUID(bytes=chance.random_bytes(16), version=4)
