"""Pictures of maps; they need matplotlib.

Each function draws on given axes or makes a figure, and returns what it drew
on, which Jupyter shows once. A class has one colour in all pictures of a session
(`colors`), and points without a label are grey.
"""

from ._colors import colors, forget_colors
from ._curve import kl_curve
from ._film import Film, animation
from ._maps import scatter, side_by_side
from ._placed import mapped
from ._sheet import sheet

__all__ = [
    "scatter",
    "side_by_side",
    "sheet",
    "mapped",
    "kl_curve",
    "animation",
    "colors",
    "forget_colors",
    "Film",
]
