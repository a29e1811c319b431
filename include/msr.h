/* SPDX-License-Identifier: MIT */
/* MSR numbers and control-register bits, by the manuals' names. */
#ifndef RINGSIDE_MSR_H
#define RINGSIDE_MSR_H

#define MSR_APIC_BASE 0x1b
#define APIC_BASE_EXTD (1 << 10)
#define APIC_BASE_EN (1 << 11)
#define MSR_SYSENTER_CS 0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176
#define MSR_MCG_CAP 0x179
#define MSR_MCG_STATUS 0x17a
#define MCG_STATUS_RIPV 1u /* the interrupted code can go on */
#define MSR_DEBUGCTL 0x1d9
#define MSR_PAT 0x277
#define MSR_TSC_DEADLINE 0x6e0
#define MSR_U_CET 0x6a0
#define MSR_S_CET 0x6a2
#define CET_SH_STK_EN (1 << 0)
#define CET_ENDBR_EN (1 << 2)
#define MSR_PL3_SSP 0x6a7
#define MSR_XAPIC_DISABLE_STATUS 0xbd
#define MSR_ARCH_CAPABILITIES 0x10a
#define MSR_X2APIC 0x800 /* + register offset / 16 */
#define MSR_EFER 0xc0000080
#define EFER_SCE (1 << 0)
#define EFER_LME (1 << 8)
#define EFER_LMA (1 << 10)
#define EFER_NXE (1 << 11)
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_CSTAR 0xc0000083
#define MSR_FMASK 0xc0000084
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102

#define CR0_PE (1 << 0)
#define CR0_MP (1 << 1)
#define CR0_EM (1 << 2)
#define CR0_TS (1 << 3)
#define CR0_ET (1 << 4)
#define CR0_NE (1 << 5)
#define CR0_WP (1 << 16)
#define CR0_AM (1 << 18)
#define CR0_PG (1 << 31)
#define CR3_PWT (1 << 3)
#define CR4_PVI (1 << 1)
#define CR4_TSD (1 << 2)
#define CR4_DE (1 << 3)
#define CR4_PAE (1 << 5)
#define CR4_MCE (1 << 6)
#define CR4_PGE (1 << 7)
#define CR4_OSFXSR (1 << 9)
#define CR4_OSXMMEXCPT (1 << 10)
#define CR4_UMIP (1 << 11)
#define CR4_LA57 (1 << 12)
#define CR4_FSGSBASE (1 << 16)
#define CR4_PCIDE (1 << 17)
#define CR4_SMEP (1 << 20)
#define CR4_SMAP (1 << 21)
#define CR4_PKE (1 << 22)
#define CR4_CET (1 << 23)

#define FLAG_CF (1 << 0)
#define FLAG_ONE (1 << 1) /* always set */
#define FLAG_PF (1 << 2)
#define FLAG_AF (1 << 4)
#define FLAG_ZF (1 << 6)
#define FLAG_SF (1 << 7)
#define FLAG_TF (1 << 8)
#define FLAG_IF (1 << 9)
#define FLAG_DF (1 << 10)
#define FLAG_OF (1 << 11)
#define FLAG_IOPL (3 << 12)
#define FLAG_NT (1 << 14)
#define FLAG_RF (1 << 16)
#define FLAG_VM (1 << 17)
#define FLAG_AC (1 << 18)
#define FLAG_VIF (1 << 19)
#define FLAG_VIP (1 << 20)
#define FLAG_ID (1 << 21)

#define DR6_CLEAR 0xffff0ff0ull
#define DR6_BS (1 << 14)
#define DR6_BD (1 << 13)
#define DR6_CAUSES 0x1e80f /* RTM BT BS BD BLD B3-B0; RTM and BLD: 1 is no */
#define DR7_CLEAR 0x400ull
#define DR7_L0 (1 << 0) /* with R/W0 = LEN0 = 0: an instruction breakpoint */
#define DR7_G0 (1 << 1)

#endif
