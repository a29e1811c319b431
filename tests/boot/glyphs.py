# SPDX-License-Identifier: MIT
"""Find text in a picture of the screen by the very pixels of its glyphs.

The fonts are read as they are installed, not as the build cut them, so that a
mistake there is not made twice.
"""

import gzip
import itertools
import struct

from PIL import Image
from ringside import places

LINES_16, LINES_24, LINES_32 = range(3)  # of places' fonts, by their height
COLOURS_MAX = 64  # a text screen has few


class Font:
    """A PSF font, version 1 or 2, with ASCII at its own positions; each of
    its pixels is scale pixels wide and high on the screen."""

    def __init__(self, which, scale=1):
        with gzip.open(places.find("fonts")[which]) as file:
            data = file.read()
        if data[:2] == b"\x36\x04":
            self.width, self.height, start = 8, data[3], 4
        else:
            assert data[:4] == b"\x72\xb5\x4a\x86"
            start, = struct.unpack_from("<I", data, 8)
            self.height, self.width = struct.unpack_from("<II", data, 24)
        self.row_bytes = (self.width + 7) // 8
        size = self.row_bytes * self.height
        self.glyphs = [data[start + size * n:start + size * (n + 1)]
                       for n in range(128)]
        self.scale = scale
        self.width *= scale
        self.height *= scale

    def rows(self, text):
        """The text's pixels: for each row, a list of 0 and 1."""
        for y in range(self.height):
            row = []
            for char in text:
                at = self.row_bytes * (y // self.scale)
                bits = int.from_bytes(
                    self.glyphs[ord(char)][at:at + self.row_bytes], "big")
                top = 8 * self.row_bytes - 1
                row += [bits >> (top - x // self.scale) & 1
                        for x in range(self.width)]
            yield row


class Picture:
    """A screenshot in which text can be looked for."""

    def __init__(self, path):
        image = Image.open(path).convert("RGB")
        self.width, self.height = image.size
        found = image.getcolors(COLOURS_MAX)
        assert found, "more colours than text has"
        index = {colour: n for n, (_, colour) in enumerate(found)}
        self.colours = range(len(found))
        self.pixels = bytes(index[pixel] for pixel in image.getdata())

    def _at(self, x, y, rows):
        for n, row in enumerate(rows):
            at = (y + n) * self.width + x
            if self.pixels[at:at + len(row)] != row:
                return False
        return True

    def find(self, text, font):
        """The first (x, y) where text stands in one colour on another."""
        shape = list(font.rows(text))
        # The row with the most changes is the one least often found.
        key = max(range(len(shape)),
                  key=lambda y: sum(map(int.__ne__, shape[y], shape[y][1:])))
        for ink, paper in itertools.permutations(self.colours, 2):
            rows = [bytes(ink if bit else paper for bit in row)
                    for row in shape]
            at = self.pixels.find(rows[key])
            while at >= 0:
                y, x = divmod(at, self.width)
                if y >= key and self._at(x, y - key, rows):
                    return x, y - key
                at = self.pixels.find(rows[key], at + 1)
        return None
