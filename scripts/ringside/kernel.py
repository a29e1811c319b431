# SPDX-License-Identifier: MIT
"""Somebody's own kernel for the window: `make window KERNEL=path MAP=path`.

Linked where it is not, laid out in pages, and written as a specimen's folder
(include/specimen.h), which the image is then built with as with any other.
"""

import os

from . import kernelemit, kernelfill, kernelmap
from .elf import ElfError
from .kernelimage import ImageError
from .kernellink import Linker
from .mapwords import MapError, number_of
from .specimen import Built, SpecimenError, is_ours, refuse_name

NAME_MAX = 15


class Kernel(Built):
    """name, build (where the image comes to be), elf (the path of the linked
    kernel), stubs (how many), words (of the command that brings it), notes
    (what was left out or assumed, a sentence each)."""

    def __init__(self, kernel, path, build):
        if not kernel:
            raise SpecimenError("KERNEL names no kernel: make window "
                                "KERNEL=path MAP=path/os.map")
        if not path:
            raise SpecimenError(
                "MAP names no map: make window KERNEL=path MAP=path/os.map; "
                f"scripts/new-map {kernel} proposes one")
        if not os.path.exists(kernel):
            raise SpecimenError(f"there is no kernel {kernel}")
        try:
            self.map = kernelmap.read(path)
        except MapError as why:
            raise SpecimenError(str(why)) from None
        self.kernel = kernel
        self.words = f"KERNEL={kernel} MAP={path}"
        self.notes, self.elf, self.stubs = [], "", 0
        name = self.map.name
        if not self.map.named and is_ours(name):
            name = self.map.name = f"my-{name}"[:NAME_MAX]
        refuse_name(name, "write another `name` into the map")
        super().__init__(name, build)

    def make(self, make, build):
        """Build the image with it."""
        try:
            work = os.path.join(self.build, "kernel")
            os.makedirs(work, exist_ok=True)
            elf = Linker(self.kernel, work).link(self.map.bodies,
                                                 self._spaces())
            filled = kernelfill.fill(elf, self.map)
        except ImageError as why:
            raise SpecimenError(f"{self.kernel} cannot be loaded: {why}") \
                from None
        except (MapError, ElfError, OSError) as why:
            raise SpecimenError(str(why)) from None
        self.elf, self.notes = elf.path, filled.notes
        self.stubs = len(filled.stubs)
        folder = os.path.join(os.path.realpath(self.build), "own", self.name)
        kernelemit.write(filled, self.map, self.kernel, folder)
        self.image(make, build, folder)

    def _spaces(self):
        """{symbol: bytes} of the map's memory at a symbol of its own."""
        return {place.text: size for place, size in self.map.memories
                if len(list(place.terms())) == 1
                and number_of(place.text) is None}
