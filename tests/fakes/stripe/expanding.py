"""Objects in the place of their ids. Stripe docs: "Expanding responses"."""

from typing import Any

from tests.fakes.stripe.account import Account, Object
from tests.fakes.stripe.refusals import invalid

DEEPEST = 4
KINDS = {
    "latest_charge": "charge",
    "charge": "charge",
    "payment_intent": "payment_intent",
    "customer": "customer",
    "payment_method": "payment_method",
    "balance_transaction": "balance_transaction",
    "failure_balance_transaction": "balance_transaction",
    "default_payment_method": "payment_method",
}


def expand(account: Account, answer: Object, paths: list[str]) -> Object:
    """The answer with each path expanded; refuses what cannot be, and more than four levels."""
    for path in paths:
        names = path.split(".")
        if len(names) > DEEPEST:
            raise invalid(f"You cannot expand more than {DEEPEST} levels of a property.", param="expand")
        _expand(account, answer, names)
    return answer


def _expand(account: Account, target: Object, names: list[str]) -> None:
    name, rest = names[0], names[1:]
    if name == "data" and target.get("object") == "list":
        for row in target["data"] if rest else ():
            _expand(account, row, rest)
        return
    if name == "refunds" and target.get("object") == "charge":
        target.setdefault("refunds", _refunds(account, target))
    elif name not in target or (name not in KINDS and not isinstance(target[name], dict)):
        raise invalid(f"This property cannot be expanded ({name}).", param="expand")
    target[name] = _object(account, name, target[name])
    if rest and target[name] is not None:
        _expand(account, target[name], rest)


def _object(account: Account, name: str, value: Any) -> Any:
    return dict(account.get(KINDS[name], value)) if isinstance(value, str) else value


def _refunds(account: Account, charge: Object) -> Object:
    """Stripe docs: "The Charge object": the newest refunds, ten of them, and only where they are asked for."""
    found = [dict(refund) for refund in account.all("refund", charge=charge["id"])]
    url = f"/v1/charges/{charge['id']}/refunds"
    return {"object": "list", "url": url, "has_more": len(found) > 10, "data": found[:10]}
