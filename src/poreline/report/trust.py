"""What of the model was adjusted to data, what it predicts, and what it is weakest in; in words for users."""

from __future__ import annotations

CALIBRATED = (
    (
        "The number and the smallest size of the microcracks were chosen so that the voids of a compatibilised film "
        "begin to connect at about 100 % elongation. With one pair of cracks per domain such a film would stay "
        "closed."
    ),
    (
        "The void volume that microcracks take up, cold and hot, was set so that drawn films come out at porosities "
        "of 8 to 30 %. That a porosity lies in the middle of the claimed 5 to 40 % is therefore no evidence; that it "
        "grows with draw and with the share of the first polymer is."
    ),
    (
        "For polyester in polypropylene the mixing rate and the polyester's viscosity were set so that 15 % by weight "
        "gives domains of 2 to 4 µm."
    ),
    (
        "Fibril draw and chain scission were chosen knowing the claimed 10 to 20 nm. The order of magnitude of the "
        "fine pores follows from surface energy and yield stress; that they lie in the middle of that range does not."
    ),
)

PREDICTED = (
    (
        "Which way each change of the recipe moves the result: composition, copolymer, order of mixing, temperatures, "
        "draw."
    ),
    "The part of the porosity that debonded domains open: it follows from geometry alone.",
    "The scale of the fine pores, within a factor of about two.",
    (
        "Permeances, from the pore structure alone. No measured permeance of these blends was at hand, so that "
        "absolute values are good to about one decade either way; ratios between similar recipes are better."
    ),
)

WEAK = (
    (
        "The film is taken to draw evenly, although the matrix's yield stress is high against its hardening: real "
        "films neck."
    ),
    "A copolymer that is anchored in the domains is taken to keep them bonded up to about 500 % elongation.",
    "Number and size of the microcracks: the first two numbers to measure, by permeance against draw.",
    "The opening of microcracks in the hot stretch depends neither on temperature nor on domain size.",
    "The mechanics of crazes, known for glassy polymers, is used for a matrix above its glass transition.",
    "The connection threshold is that of cracks at random places; real cracks sit at domains.",
    "Gas flow in slits and the tortuosity come from averaged laws, not from a resolved structure.",
    "Crystallinity and moisture of polyesters are left out.",
)
