/* SPDX-License-Identifier: MIT */
/*
 * The console fonts, cut at build time from Debian's Terminus fonts (see the
 * Makefile) and carried in the core's read-only data.  console.c hands them to
 * the screen, which takes the one that suits its size.
 */
	.section .rodata

	.globl	fonts_8x16, fonts_12x24, fonts_16x32, fonts_end
fonts_8x16:
	.incbin	"fonts/Uni2-Terminus16.psf"
fonts_12x24:
	.incbin	"fonts/Uni2-TerminusBold24x12.psf"
fonts_16x32:
	.incbin	"fonts/Uni2-TerminusBold32x16.psf"
fonts_end:

	.section .note.GNU-stack, "", @progbits
