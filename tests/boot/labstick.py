# SPDX-License-Identifier: MIT
"""For labgrid: the stick of a machine on the bench, which is a file.

It is written and read by labgrid's own driver for USB storage, to which a
path is a path; only udev knows nothing of it.
"""

import os

import attr
from labgrid import target_factory
from labgrid.driver import Driver, USBStorageDriver
from labgrid.resource import Resource


@target_factory.reg_resource
@attr.s(eq=False)
class LabStick(Resource):
    path = attr.ib(validator=attr.validators.instance_of(str))


@target_factory.reg_driver
@attr.s(eq=False)
class LabStickDriver(USBStorageDriver):
    bindings = {"storage": {"LabStick"}}

    def get_size(self, *_):
        return os.path.getsize(self.storage.path)


@target_factory.reg_driver
@attr.s(eq=False)
class LabMuxDriver(Driver):
    """A mux that keeps what it was set to, for the test to see."""
    bindings = {"mux": {"LabStick"}}

    def set_mode(self, mode):
        with open(self.mux.path + ".mux", "a", encoding="ascii") as log:
            log.write(mode + "\n")
