/* SPDX-License-Identifier: MIT */
/*
 * The console fonts, cut at build time from the Terminus fonts (see the
 * Makefile) and carried in the core's read-only data.  console.c hands them to
 * the screen, which takes the one that suits its size.
 */
	.section .rodata

	.globl	fonts_8x16, fonts_12x24, fonts_16x32, fonts_end
fonts_8x16:
	.incbin	"fonts/16.psf"
fonts_12x24:
	.incbin	"fonts/24.psf"
fonts_16x32:
	.incbin	"fonts/32.psf"
fonts_end:

	.section .note.GNU-stack, "", @progbits
