/* SPDX-License-Identifier: MIT */
/*
 * The least that a firmware can boot: prints a line and powers off.  `make
 * bench` measures ringside against it on the same machine.
 */
#include <efi.h>

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *st);

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *st)
{
    static CHAR16 line[] = L"baseline\r\n";

    st->ConOut->OutputString(st->ConOut, line);
    st->RuntimeServices->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
    return EFI_SUCCESS;
}
