# SPDX-License-Identifier: MIT
"""What scripts/run and its neighbours share: disks, emulators, reports."""
