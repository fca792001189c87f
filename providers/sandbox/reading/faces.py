"""Finding and comparing faces by colour and shape.

Made for the drawn people of docs/specimens: the same drawn person is recognised at another size,
in other light and clothes. It is no biometric engine and says nothing about real people.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from providers.sandbox.reading.fields import Rect

type_pixels = NDArray[np.uint8]
