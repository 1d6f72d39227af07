"""Where a parcel can be followed: each carrier's own tracking page."""

from urllib.parse import quote

# By the carrier's name in lower case, as staff type it.
PAGES = {
    "dhl": "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode={number}",
    "dhl express": "https://www.dhl.com/en/express/tracking.html?AWB={number}",
    "deutsche post": "https://www.deutschepost.de/de/s/sendungsverfolgung.html?piececode={number}",
    "dpd": "https://tracking.dpd.de/status/en_US/parcel/{number}",
    "gls": "https://gls-group.com/track/{number}",
    "hermes": "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{number}",
    "ups": "https://www.ups.com/track?tracknum={number}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={number}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}",
    "royal mail": "https://www.royalmail.com/track-your-item#/tracking-results/{number}",
    "la poste": "https://www.laposte.fr/outils/suivre-vos-envois?code={number}",
    "post.at": "https://www.post.at/s/sendungsdetails?snr={number}",
    "swiss post": "https://service.post.ch/ekp-web/ui/entry/search/{number}",
    "postnl": "https://jouw.postnl.nl/track-and-trace/{number}",
    "japan post": "https://trackings.post.japanpost.jp/services/srv/search/direct?reqCodeNo1={number}",
    "yamato": "https://toi.kuronekoyamato.co.jp/cgi-bin/tneko?number00=1&number01={number}",
}


def tracking_url(carrier: str, tracking_number: str) -> str | None:
    """The carrier's page for that parcel; None where the carrier is not known here, or there is no number."""
    page = PAGES.get(carrier.strip().lower())
    return page.format(number=quote(tracking_number, safe="")) if page and tracking_number else None
