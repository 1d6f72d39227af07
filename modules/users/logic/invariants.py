"""What must hold in users' tables, as SQL that selects the rows that break it."""

from ecommerce.kernel.registry import Invariant

INVARIANTS = [
    Invariant(
        module="users",
        name="one account per e-mail address, whatever its case",
        sql="SELECT lower(email), count(*) FROM users_user GROUP BY lower(email) HAVING count(*) > 1",
    ),
    Invariant(
        module="users",
        name="each algorithm that has keys has exactly one that is not retired",
        sql="SELECT algorithm FROM users_signingkey GROUP BY algorithm"
        " HAVING count(*) FILTER (WHERE retired_at IS NULL) <> 1",
    ),
    Invariant(
        module="users",
        name="a session remembers no token as replaced that is its current one",
        sql="SELECT id FROM users_refreshsession"
        " WHERE replaced @> jsonb_build_array(jsonb_build_object('id', token_id::text))",
    ),
    Invariant(
        module="users",
        name="a locked user has no open session",
        sql="SELECT session.id FROM users_refreshsession session JOIN users_user owner ON owner.id = session.user_id"
        " WHERE NOT owner.is_active AND session.revoked_at IS NULL",
    ),
    Invariant(
        module="users",
        name="whoever is asked for a second factor has one",
        sql="SELECT owner.id FROM users_user owner WHERE owner.second_factor_at IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM users_secondfactor factor WHERE factor.user_id = owner.id)",
    ),
    Invariant(
        module="users",
        name="nobody has recovery codes without a second factor",
        sql="SELECT DISTINCT owner.id FROM users_recoverycode code JOIN users_user owner ON owner.id = code.user_id"
        " WHERE owner.second_factor_at IS NULL",
    ),
    Invariant(
        module="users",
        name="who has a role or owns the shop is staff, and nobody else",
        sql="SELECT id FROM users_user WHERE is_staff <>"
        " (is_superuser OR EXISTS (SELECT 1 FROM users_roleassignment given WHERE given.user_id = users_user.id))",
    ),
]
