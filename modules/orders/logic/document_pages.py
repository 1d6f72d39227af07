"""Invoices and credit notes as PDF, drawn from their snapshots: the same snapshot gives the same bytes.

Import it where a document is drawn, not where the shop starts: the library behind it takes its time.
"""

import re
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Spacer, Table, TableStyle

from modules.orders.logic.document_contents import Row, Snapshot
from modules.orders.logic.document_sheets import BOLD, REGULAR, WIDTH, printed, register_fonts
from modules.orders.logic.document_words import Speech, speech

# Item, quantity, unit price, rate, net, total.
COLUMNS = [54 * mm, 19 * mm, 26 * mm, 21 * mm, 25 * mm, 25 * mm]
SUMS = [90 * mm, 34 * mm]
GREY = colors.HexColor("#555555")
LINE = (0.4, colors.HexColor("#999999"))

TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=8.5, leading=11.5)
STRONG = ParagraphStyle("strong", TEXT, fontName=BOLD)
LABEL = ParagraphStyle("label", TEXT, textColor=GREY)
SMALL = ParagraphStyle("small", TEXT, fontSize=7, leading=9, textColor=GREY)
RIGHT = ParagraphStyle("right", TEXT, alignment=TA_RIGHT)
RIGHT_SMALL = ParagraphStyle("right-small", SMALL, alignment=TA_RIGHT)
RIGHT_STRONG = ParagraphStyle("right-strong", STRONG, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", STRONG, fontSize=7.5, leading=10)
RIGHT_HEAD = ParagraphStyle("right-head", HEAD, alignment=TA_RIGHT)
TITLE = ParagraphStyle("title", STRONG, fontSize=16, leading=20)

# Neither ends of lines nor what no font can draw: what was typed makes no lines of its own.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")


def as_pdf(snapshot: Snapshot) -> bytes:
    """The document's pages, A4, in its own language."""
    register_fonts()
    words = speech(snapshot["language"], snapshot["currency"])
    title = f"{words[snapshot['kind']]} {snapshot['number']}"
    about = {"title": title, "subject": title, "author": snapshot["seller"]["name"], "lang": words.language}
    return printed(_story(snapshot, words), _foot(snapshot, words), words["page"], about)


def _story(snapshot: Snapshot, words: Speech) -> list[Flowable]:
    return [
        *_sender(snapshot["seller"], words),
        Spacer(0, 8 * mm),
        _addressee_and_facts(snapshot, words),
        Spacer(0, 8 * mm),
        _paragraph(f"{words[snapshot['kind']]} {snapshot['number']}", TITLE),
        Spacer(0, 4 * mm),
        _rows(snapshot, words),
        Spacer(0, 4 * mm),
        _sums(snapshot, words),
        *_notes(snapshot, words),
    ]


def _sender(seller: dict[str, Any], words: Speech) -> list[Flowable]:
    place = [*seller["address"], words.country(seller["country"])]
    return [_paragraph(seller["name"], STRONG), *(_paragraph(line, TEXT) for line in place)]


def _addressee_and_facts(snapshot: Snapshot, words: Speech) -> Flowable:
    buyer = [_paragraph(line, TEXT) for line in _address(snapshot["buyer"]["address"], words)]
    facts = [(_paragraph(name, LABEL), _paragraph(value, TEXT)) for name, value in _facts(snapshot, words)]
    table = Table(facts, colWidths=[38 * mm, 46 * mm], hAlign="RIGHT")
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *_tight(0)]))
    both = Table([[buyer, table]], colWidths=[WIDTH - 84 * mm, 84 * mm])
    both.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("RIGHTPADDING", (0, 0), (0, 0), 12), *_tight(0)]))
    return both


def _facts(snapshot: Snapshot, words: Speech) -> list[tuple[str, str]]:
    """What the law and the bookkeepers look for, in the order in which they do."""
    refs, invoice = snapshot["refs"], snapshot["refs"].get("invoice")
    corrected = f"{invoice['number']} {words['of']} {words.day(invoice['issued_on'])}" if invoice else ""
    days = [(words[name], words.day(refs[name])) for name in ("ordered_on", "paid_on", "supplied_on") if refs[name]]
    facts = [
        (words["number"], snapshot["number"]),
        (words["issued_on"], words.day(snapshot["issued_on"])),
        (words["corrects"], corrected),
        (words["order"], refs["order_number"]),
        *days,
        (words["buyer_vat_id"], snapshot["buyer"]["vat_id"]),
    ]
    return [fact for fact in facts if fact[1]]


def _rows(snapshot: Snapshot, words: Speech) -> Flowable:
    names = ("item", "quantity", "unit_price", "rate", "net", "gross")
    head = [_paragraph(words[name], RIGHT_HEAD if place else HEAD) for place, name in enumerate(names)]
    table = Table([head, *(_row(row, snapshot, words) for row in snapshot["rows"])], colWidths=COLUMNS, repeatRows=1)
    rules = [("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black), ("LINEBELOW", (0, 1), (-1, -1), *LINE)]
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *rules, *_tight(2)]))
    return table


def _row(row: Row, snapshot: Snapshot, words: Speech) -> list[Any]:
    return [
        _named(row, words),
        _paragraph(str(row["quantity"] or ""), RIGHT),
        _unit_price(row, snapshot, words),
        _paragraph(words.percent(row["rate"]), RIGHT),
        _paragraph(words.amount(row["net"]), RIGHT),
        _paragraph(words.amount(row["total"]), RIGHT),
    ]


def _named(row: Row, words: Speech) -> list[Flowable]:
    title = f"{words['shipping']}: {row['title']}" if row["kind"] == "shipping" else row["title"]
    options = [f"{name}: {value}" for name, value in row["options"].items()]
    small = [" · ".join(filter(None, [row["sku"], *options]))]
    if _is_something(row["discount"]):
        small.append(f"{words['discount']}: {words.amount('-' + row['discount'])}")
    if not row["quantity"]:
        small.append(words["price_reduction"])
    return [_paragraph(title, TEXT), *(_paragraph(line, SMALL) for line in small if line)]


def _unit_price(row: Row, snapshot: Snapshot, words: Speech) -> list[Flowable]:
    """As it was listed, and without the tax in it (art. 226(8) asks for that)."""
    if row["unit_price"] is None:
        return []
    cell = [_paragraph(words.amount(row["unit_price"]), RIGHT)]
    if snapshot["prices_include_tax"] and row["unit_net"] != row["unit_price"]:
        cell.append(_paragraph(f"{words['unit_net']} {words.amount(row['unit_net'])}", RIGHT_SMALL))
    return cell


def _sums(snapshot: Snapshot, words: Speech) -> Flowable:
    total = words["credited"] if snapshot["kind"] == "credit_note" else words["total"]
    taxes = [(_tax_name(one, words), words.amount(one["tax"])) for one in snapshot["taxes"]]
    sums = [(words["net_total"], words.amount(snapshot["net"])), *taxes, (total, words.amount(snapshot["total"]))]
    last = len(sums) - 1
    cells = [
        [_paragraph(text, RIGHT_STRONG if place == last else RIGHT) for text in texts]
        for place, texts in enumerate(sums)
    ]
    table = Table(cells, colWidths=SUMS, hAlign="RIGHT")
    table.setStyle(
        TableStyle(
            [("LINEABOVE", (0, last), (-1, last), 0.8, colors.black), ("NOSPLIT", (0, 0), (-1, -1)), *_tight(1.5)]
        )
    )
    return table


def _tax_name(tax: dict[str, str], words: Speech) -> str:
    name, rate = tax["title"] or words["tax"], words.percent(tax["rate"])
    # A title often tells the rate itself: MwSt. 19 %.
    told = name if rate in name.replace(" %", "\N{NO-BREAK SPACE}%") or rate in name else f"{name} ({rate})"
    return f"{told} {words['tax_on']} {words.amount(tax['net'])}"


def _told_discount(discount: dict[str, str], words: Speech) -> str:
    """What makes the shipping free takes nothing off the goods: it is named without an amount."""
    if not _is_something(discount["amount"]):
        return discount["title"]
    return f"{discount['title']} {words.amount('-' + discount['amount'])}"


def _notes(snapshot: Snapshot, words: Speech) -> list[Flowable]:
    notes = [_paragraph(snapshot["tax_note"], TEXT)] if snapshot["tax_note"] else []
    if snapshot["discounts"]:
        told = "; ".join(_told_discount(one, words) for one in snapshot["discounts"])
        notes.append(_paragraph(f"{words['discounts']}: {told}", TEXT))
    if snapshot["shipping_address"] != snapshot["buyer"]["address"]:
        place = ", ".join(_address(snapshot["shipping_address"], words))
        notes.append(_paragraph(f"{words['ship_to']}: {place}", TEXT))
    return [part for note in notes for part in (Spacer(0, 3 * mm), note)]


def _foot(snapshot: Snapshot, words: Speech) -> list[str]:
    seller = snapshot["seller"]
    numbers = [f"{words[name]}: {seller[name]}" for name in ("vat_id", "tax_number") if seller[name]]
    lines = [[seller["name"], *seller["address"], words.country(seller["country"])], [*numbers, seller["register"]]]
    return [_clean(" · ".join(filter(None, line))) for line in lines if any(line)]


def _address(address: dict[str, str], words: Speech) -> list[str]:
    town = " ".join(filter(None, (address.get("postal_code", ""), address.get("city", ""))))
    lines = [address.get(name, "") for name in ("company", "full_name", "line1", "line2")]
    lines += [town, address.get("region", ""), words.country(address["country"])]
    return [line for line in lines if line.strip()]


def _tight(above: float) -> list[tuple[Any, ...]]:
    """Cells that keep to the table's edges."""
    sides = [("LEFTPADDING", (0, 0), (0, -1), 0), ("RIGHTPADDING", (-1, 0), (-1, -1), 0)]
    return [*sides, ("TOPPADDING", (0, 0), (-1, -1), above), ("BOTTOMPADDING", (0, 0), (-1, -1), above + 1)]


def _paragraph(text: str, style: ParagraphStyle) -> Flowable:
    # The library reads paragraphs as XML.
    return Paragraph(escape(_clean(text)), style)


def _clean(text: str) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", text).split(" ")).strip()


def _is_something(amount: str) -> bool:
    return amount.strip("0.") != ""
