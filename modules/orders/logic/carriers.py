"""Where a parcel can be followed: each carrier's own tracking page."""

from urllib.parse import quote

# By the carrier's name; staff may type it in small letters.
PAGES = {
    "DHL": "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode={number}",
    "DHL Express": "https://www.dhl.com/en/express/tracking.html?AWB={number}",
    "Deutsche Post": "https://www.deutschepost.de/de/s/sendungsverfolgung.html?piececode={number}",
    "DPD": "https://tracking.dpd.de/status/en_US/parcel/{number}",
    "GLS": "https://gls-group.com/track/{number}",
    "Hermes": "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{number}",
    "UPS": "https://www.ups.com/track?tracknum={number}",
    "FedEx": "https://www.fedex.com/fedextrack/?trknbr={number}",
    "USPS": "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}",
    "Royal Mail": "https://www.royalmail.com/track-your-item#/tracking-results/{number}",
    "La Poste": "https://www.laposte.fr/outils/suivre-vos-envois?code={number}",
    "post.at": "https://www.post.at/s/sendungsdetails?snr={number}",
    "Swiss Post": "https://service.post.ch/ekp-web/ui/entry/search/{number}",
    "PostNL": "https://jouw.postnl.nl/track-and-trace/{number}",
    "Japan Post": "https://trackings.post.japanpost.jp/services/srv/search/direct?reqCodeNo1={number}",
    "Yamato": "https://toi.kuronekoyamato.co.jp/cgi-bin/tneko?number00=1&number01={number}",
}
_BY_NAME = {name.lower(): page for name, page in PAGES.items()}


def tracking_url(carrier: str, tracking_number: str) -> str | None:
    """The carrier's page for that parcel; None where the carrier is not known here, or there is no number."""
    page = _BY_NAME.get(carrier.strip().lower())
    return page.format(number=quote(tracking_number, safe="")) if page and tracking_number else None
