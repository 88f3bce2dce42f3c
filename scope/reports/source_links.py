"""Where to look a source up by its position: Fritz and the archives."""

from urllib.parse import quote, urlencode

from scope.disagreements.candidates import Candidate

FRITZ = "https://fritz.science"
SEARCH_ARCSEC = 5.0  # radius of the searches that the links start


def links(candidate: Candidate, page: str | None = None) -> dict[str, str]:
    """Return where to look the source up: archive -> address of a search by its position.

    `page` is the address of the source's page on Fritz, where it is known.
    """
    # Six digits are 4 mas, a thousandth of the radius.
    ra, dec = f"{candidate.ra:.6f}", f"{candidate.dec:.6f}"
    degrees = f"{SEARCH_ARCSEC / 3600.0:.6f}"
    place = quote(f"{ra} {candidate.dec:+.6f}")
    return {
        "Fritz": page
        or f"{FRITZ}/api/sources?" + urlencode({"ra": ra, "dec": dec, "radius": degrees}),
        "SIMBAD": "https://simbad.cds.unistra.fr/simbad/sim-coo?"
        + urlencode({"Coord": f"{ra} {dec}", "Radius": SEARCH_ARCSEC, "Radius.unit": "arcsec"}),
        "Gaia": "https://vizier.cds.unistra.fr/viz-bin/VizieR-4?"
        # I/355 is Gaia DR3 in VizieR's numbering.
        + f"-source=I/355/gaiadr3&-c={place}&-c.rs={SEARCH_ARCSEC:g}",
        "ZTF": "https://irsa.ipac.caltech.edu/cgi-bin/ZTF/nph_light_curves?"
        + f"POS=CIRCLE+{ra}+{dec}+{degrees}&FORMAT=CSV",
        "Pan-STARRS": "https://ps1images.stsci.edu/cgi-bin/ps1cutouts?"
        + urlencode({"pos": f"{ra} {dec}", "filter": "color"}),
        "ALeRCE": "https://alerce.online/?"
        + urlencode({"ra": ra, "dec": dec, "radius": f"{SEARCH_ARCSEC:g}"}),
    }
