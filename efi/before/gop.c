/* SPDX-License-Identifier: MIT */
/*
 * The screen that the firmware has set up, as the core can go on using it: a
 * linear framebuffer with its geometry.  The mode is not changed.
 * Called by machine.c.
 */
#include <efi.h>

#include "firmware.h"
#include "layout.h"
#include "machine.h"
#include "mem.h"

#define BYTES_PER_PIXEL 4
#define RED_FIRST 0x000000ffu
#define GREEN 0x0000ff00u
#define BLUE_FIRST RED_FIRST
#define THIRD 0x00ff0000u

static EFI_GRAPHICS_OUTPUT_PROTOCOL *gop_find(void)
{
    static EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
    EFI_GRAPHICS_OUTPUT_PROTOCOL *g = NULL;

    /* The console's own screen, where there are several. */
    if (ST->ConsoleOutHandle)
        g = firmware_protocol(ST->ConsoleOutHandle, guid);
    if (!g && EFI_ERROR(BS->LocateProtocol(&guid, NULL, (void **)&g)))
        return NULL;
    return g;
}

static bool masks(const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *i,
                  struct framebuffer *f)
{
    switch (i->PixelFormat) {
    case PixelRedGreenBlueReserved8BitPerColor:
        f->red = RED_FIRST;
        f->green = GREEN;
        f->blue = THIRD;
        return true;
    case PixelBlueGreenRedReserved8BitPerColor:
        f->red = THIRD;
        f->green = GREEN;
        f->blue = BLUE_FIRST;
        return true;
    case PixelBitMask:
        f->red = i->PixelInformation.RedMask;
        f->green = i->PixelInformation.GreenMask;
        f->blue = i->PixelInformation.BlueMask;
        return f->red && f->green && f->blue;
    default:
        return false;
    }
}

enum screen_kind gop_ask(struct record_machine *m, struct framebuffer *f)
{
    EFI_GRAPHICS_OUTPUT_PROTOCOL *g = gop_find();
    const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *i;
    uint64_t line, lines;

    memset(f, 0, sizeof(*f));
    if (!g || !g->Mode || !g->Mode->Info)
        return SCREEN_NONE;
    i = g->Mode->Info;
    m->width = i->HorizontalResolution;
    m->height = i->VerticalResolution;
    m->stride = i->PixelsPerScanLine;
    if (g->Mode->FrameBufferBase == 0 || !masks(i, f) || m->width == 0 ||
        m->stride < m->width)
        return SCREEN_BLT_ONLY;

    /* Lines that the firmware's size, and our window, do not hold are cut. */
    line = (uint64_t)m->stride * BYTES_PER_PIXEL;
    lines = m->height;
    if (lines > g->Mode->FrameBufferSize / line)
        lines = g->Mode->FrameBufferSize / line;
    if (lines > VA_SCREEN_MAX / line)
        lines = VA_SCREEN_MAX / line;
    if (lines == 0)
        return SCREEN_BLT_ONLY;
    f->base = g->Mode->FrameBufferBase;
    f->size = lines * line;
    f->width = m->width;
    f->height = (uint32_t)lines;
    f->stride = m->stride;
    return SCREEN_LINEAR;
}
