# SPDX-License-Identifier: MIT
"""What kernels call their stubs, and which vector each such name is for."""

import re

# Any part of a name that says nothing, and what is left of it; in the manner
# of Linux, of the BSDs (Xpage), of tutorials (isr14, page_fault_stub).
_VECTORS = {
    0: "divide_error divide division div div0 div_by_zero division_by_zero "
       "divbyzero divzero divide_by_zero de",
    1: "debug dbg db single_step",
    2: "nmi nmint non_maskable",
    3: "int3 breakpoint bp bpt",
    4: "overflow of ofl",
    5: "bounds bound_range bound br bnd bound_range_exceeded",
    6: "invalid_op invalid_opcode ud ill illegal_opcode",
    7: "device_not_available nm dna no_math no_device fpu_unavailable",
    8: "double_fault df dblfault doublefault dbl",
    9: "coproc_segment_overrun coprocessor_segment_overrun fpusegm",
    10: "invalid_tss ts tss",
    11: "segment_not_present np missing seg_not_present",
    12: "stack_segment ss stk stack_fault stack_segment_fault stackfault",
    13: "general_protection gp gpf prot general_protection_fault gp_fault",
    14: "page_fault pf page pagefault",
    16: "coprocessor_error mf fpu x87_fpu x87 x87_floating_point "
        "fpu_error x87_fp math_fault",
    17: "alignment_check ac align",
    18: "machine_check mc mchk mce machinecheck",
    19: "simd_coprocessor_error xm xf xmm simd simd_fp simd_floating_point "
        "simd_fault",
    20: "virtualization_exception ve virtualization",
    21: "control_protection cp control_protection_exception",
    28: "hypervisor_injection hv", 29: "vmm_communication vc",
    30: "security_exception security sx",
    0x80: "int80 int0x80 int_0x80 int80_emulation int80_64 int80_compat "
          "int80_syscall int0x80_syscall int_80",
}
_VECTOR_OF = {name: vector for vector, names in _VECTORS.items()
              for name in names.split()}
_FILLING = re.compile(
    r"^(?:_+|X(?=[a-z])|asm_|exc_|exception_|trap_|isr_|int_(?!0x80|80)|"
    r"interrupt_|entry_|do_|handle_|x86_|x64_|amd64_|arch_|idt_|stub_|vec_|"
    r"alltraps_|fault_|k_)|"
    r"(?:_asm|_entry|_stub|_isr|_handler|_interrupt|_trap|_exception|_vector|"
    r"_exc|_wrapper|_raw|_common|_)$", re.IGNORECASE)
_PV = re.compile(r"xen|hyperv|kvm|_noist|noist_|fred", re.IGNORECASE)
_NUMBERED = re.compile(r"^(.*?)_?(0x[0-9a-fA-F]+|\d+)((?:_[a-zA-Z]\w*|"
                       r"[a-zA-Z_]+)?)$")
STUBS = re.compile(r"isr|irq|int|vec|trap|exc|idt|fault|gate", re.IGNORECASE)
_IRQ = re.compile(r"irq", re.IGNORECASE)
FIRST_IRQ = 32
CALLS = {
    "syscall": re.compile(
        r"^(entry_SYSCALL_64|(?:_|x|X|k|k_|asm_|x86_|arch_)?(?:fast_)?"
        r"syscall_?(?:64)?_?(?:entry|entry_point|handler|stub|asm|enter|trap|"
        r"dispatch|64)?)$", re.IGNORECASE),
    "syscall32": re.compile(r"^(entry_SYSCALL_compat|X?fast_syscall32|"
                            r"syscall_?(?:32|compat)(?:_entry)?|"
                            r"ia32_cstar_target)$", re.IGNORECASE),
    "sysenter": re.compile(r"^(entry_SYSENTER_compat|\w*sysenter(?:_entry|"
                           r"_handler|_target|_stub)?)$", re.IGNORECASE),
}


_MANGLED = re.compile(r"_Z|_R[A-Z]")
# Rust has the number of a crate or an instance in front: s4fqI2P2rA04_
_LENGTH = re.compile(r"(?:s[0-9A-Za-z]*_)?(\d+)_?(?=[A-Za-z_])")
_NUMBER = re.compile(r"ILi(\d+)E")  # of a template: gate<14>
_HASH = re.compile(r"h[0-9a-f]{16}")


def plain(name):
    """The last part of a name that C++ or Rust has mangled; any other as it
    is."""
    if not _MANGLED.match(name):
        return name
    last, at = name, 2
    number = _NUMBER.search(name) if name[:2] == "_Z" else None
    while found := _LENGTH.search(name, at):
        at = found.end() + int(found[1])
        part = name[found.end():at]
        if not _HASH.fullmatch(part):
            last = part
        if name[:2] == "_Z" and not name[at:at + 1].isdigit():
            break  # what follows are its arguments
    return last + (number[1] if number else "")


def vector_of(name):
    """The vector that a stub of this name is for, or None.  A kernel's own
    name may stand in front."""
    if _PV.search(name):
        return None
    whole = name
    while name:
        if name.lower() in _VECTOR_OF:
            return _VECTOR_OF[name.lower()]
        shorter = _FILLING.sub("", name, count=1)
        if shorter == name:
            break
        name = shorter
    rest = whole.lstrip("_").partition("_")[2]
    return vector_of(rest) if rest else None


def numbered(name):
    """(what is around the number, vector) of isr14, vector_0x20, irq3_stub,
    or None."""
    found = _NUMBERED.match(name)
    if not found or not STUBS.search(found[1]):
        return None
    number = int(found[2], 0 if found[2][:2] == "0x" else 10)
    if _IRQ.search(found[1]) and number < FIRST_IRQ:
        number += FIRST_IRQ
    return ((found[1], found[3]), number) if number < 256 else None
