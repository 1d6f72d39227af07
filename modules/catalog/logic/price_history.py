"""The history of prices, and what the law asks of it: the lowest price of the 30 days before a reduction.

Directive 98/6/EC on price indications, article 6a (put in by Directive (EU) 2019/2161): who announces a reduction shows
the prior price, which is the lowest one applied during a period of at least 30 days before the reduction is applied.
The Commission's guidance on it (2021/C 526/02) says what counts; here that is:

- What buyers could have paid counts. A price is in force from the transaction that makes it so, be it staff's write or
  a sale's flip, and so that is the instant the history keeps: where a flip comes late, buyers paid the old price until
  it came; a sale that was over before it came was never offered, and has no row.
- The price in force when the 30 days began counts, however long before it was set.
- Of a product that has been on sale for less than 30 days, the time since it was first published counts; what was
  written on a draft was no offer. Where there was no price at all before the reduced one, that one is the lowest.
- A reduction that goes deeper without a pause keeps the prior price of its first step (article 6a, paragraph 5), and
  so does one that lasts longer than 30 days. One that becomes smaller is a new reduction: the deeper price counts.

A price without history has been in force since its product was created: most never change, and a shop of a million
products need not say so in ten million rows. The first change writes down both.
"""

# Rows of a price's changes; `new` holds the prices as they will be, beside what they were.
APPEND = """begun AS (
        INSERT INTO catalog_pricechange (id, variant_id, currency, amount_minor, at)
        SELECT first_change_id, variant_id, currency, old_minor, created_at
        FROM new WHERE old_minor <> amount_minor AND last_at IS NULL
    ), changed AS (
        INSERT INTO catalog_pricechange (id, variant_id, currency, amount_minor, at)
        SELECT change_id, variant_id, currency, amount_minor, at
        FROM new WHERE old_minor IS DISTINCT FROM amount_minor
    )"""

# Hours, since a day may have 23 or 25 of them where somebody sets a session's time zone.
_WINDOW_BEGINS = "greatest(new.at - interval '720 hours', new.published_at)"
_OF_THE_PRICE = "change.variant_id = new.variant_id AND change.currency = new.currency"
# Of a row of `new`, whose instant is later than all of its history.
LOWEST = f"""CASE
        WHEN new.compare_at_minor IS NULL THEN NULL
        WHEN new.published_at IS NULL THEN new.amount_minor
        WHEN new.old_lowest_minor IS NOT NULL AND new.amount_minor <= new.old_minor THEN new.old_lowest_minor
        WHEN new.last_at IS NULL THEN coalesce(new.old_minor, new.amount_minor)
        ELSE (
            SELECT coalesce(min(was.amount_minor), new.amount_minor)
            FROM (
                SELECT change.amount_minor FROM catalog_pricechange change
                WHERE {_OF_THE_PRICE} AND change.at > {_WINDOW_BEGINS}
                UNION ALL
                (SELECT change.amount_minor FROM catalog_pricechange change
                 WHERE {_OF_THE_PRICE} AND change.at <= {_WINDOW_BEGINS}
                 ORDER BY change.at DESC LIMIT 1)
            ) was
        )
    END"""  # noqa: S608  (only this file's own fragments)
