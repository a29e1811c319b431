; SPDX-License-Identifier: MIT
; nasm: interrupt stubs as the tutorials teach them: a macro for those with an
; error code and one for those without, a table of pointers, pushaq, and a
; handler in C.  What they leave out is here as well: the four that may come
; anywhere, and an IRETQ that is refused.
bits 64
default rel

extern exception_handler

MSR_GS_BASE equ 0xc0000101
USER_SS equ 0x23
USER_CS equ 0x2b
FRAME equ 15 * 8 + 16           ; registers, number, error code: then RIP

%macro pushaq 0
        push rax
        push rbx
        push rcx
        push rdx
        push rsi
        push rdi
        push rbp
        push r8
        push r9
        push r10
        push r11
        push r12
        push r13
        push r14
        push r15
%endmacro

%macro popaq 0
        pop r15
        pop r14
        pop r13
        pop r12
        pop r11
        pop r10
        pop r9
        pop r8
        pop rbp
        pop rdi
        pop rsi
        pop rdx
        pop rcx
        pop rbx
        pop rax
%endmacro

%macro isr_no_err_stub 2
isr_stub_%+%1:
        push 0
        push %1
        jmp %2
%endmacro

%macro isr_err_stub 2
isr_stub_%+%1:
        push %1
        jmp %2
%endmacro

section .text

isr_common:
        pushaq
        cld
        test qword [rsp + FRAME + 8], 3
        jz isr_from_kernel
        swapgs
isr_swapped:
        mov rdi, rsp
        call exception_handler
        test qword [rsp + FRAME + 8], 3
        jz isr_restore
        swapgs
isr_restore:
        popaq
        add rsp, 16
isr_iret:
        iretq

isr_from_kernel:
        lea rax, [isr_iret]
        cmp [rsp + FRAME], rax
        jne isr_swapped
        swapgs                          ; the exit's was in front of the fault
        mov rdx, [rsp + FRAME + 24]     ; the frame that was refused
%assign word 0
%rep 5
        push qword [rdx + word]         ; as if ring 3 had faulted
        pop qword [rsp + FRAME + word]
%assign word word + 8
%endrep
        mov qword [rsp + FRAME + 8], USER_CS
        mov qword [rsp + FRAME + 32], USER_SS
        shl qword [rsp + FRAME], 17
        shr qword [rsp + FRAME], 17
        jmp isr_swapped

isr_anywhere:                           ; no frame tells: set it, put it back
        pushaq
        cld
        mov ecx, MSR_GS_BASE
        rdmsr
        mov r12d, eax
        mov r13d, edx
        mov rax, cpu0
        mov rdx, rax
        shr rdx, 32
        wrmsr
        mov rdi, rsp
        call exception_handler
        mov ecx, MSR_GS_BASE
        mov eax, r12d
        mov edx, r13d
        wrmsr
        jmp isr_restore

isr_no_err_stub 0, isr_common
isr_no_err_stub 1, isr_anywhere
isr_no_err_stub 2, isr_anywhere
isr_no_err_stub 3, isr_common
isr_no_err_stub 4, isr_common
isr_no_err_stub 5, isr_common
isr_no_err_stub 6, isr_common
isr_no_err_stub 7, isr_common
isr_err_stub 8, isr_anywhere
isr_no_err_stub 9, isr_common
isr_err_stub 10, isr_common
isr_err_stub 11, isr_common
isr_err_stub 12, isr_common
isr_err_stub 13, isr_common
isr_err_stub 14, isr_common
isr_no_err_stub 15, isr_common
isr_no_err_stub 16, isr_common
isr_err_stub 17, isr_common
isr_no_err_stub 18, isr_anywhere
isr_no_err_stub 19, isr_common
isr_no_err_stub 128, isr_common
isr_no_err_stub 65, isr_common

section .data
global isr_stub_table, isr_stub_128, isr_stub_65, cpu0
isr_stub_table:
%assign i 0
%rep 20
        dq isr_stub_%+i
%assign i i + 1
%endrep
cpu0:
        times 64 db 0

section .bss
global stack_top, ist1_top, ist2_top, ist3_top, ist4_top
alignb 16
        resb 4096
stack_top:
        resb 4096
ist1_top:
        resb 4096
ist2_top:
        resb 4096
ist3_top:
        resb 4096
ist4_top:

section .note.GNU-stack noalloc noexec nowrite progbits
