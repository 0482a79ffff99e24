#include "textflag.h"

// Turns 8 rows of 8 columns: a column a register in Y0 to Y7 becomes a row a register in Y8 to Y11, rows 0 to 3, and after
// LATER rows 4 to 7. First pairs of columns, then fours, in both halves of the registers.
#define TURN \
	VUNPCKLPS  Y1, Y0, Y8      \
	VUNPCKHPS  Y1, Y0, Y9      \
	VUNPCKLPS  Y3, Y2, Y10     \
	VUNPCKHPS  Y3, Y2, Y11     \
	VSHUFPS    $0x44, Y10, Y8, Y0 \
	VSHUFPS    $0xEE, Y10, Y8, Y1 \
	VSHUFPS    $0x44, Y11, Y9, Y2 \
	VSHUFPS    $0xEE, Y11, Y9, Y3 \
	VUNPCKLPS  Y5, Y4, Y8      \
	VUNPCKHPS  Y5, Y4, Y9      \
	VUNPCKLPS  Y7, Y6, Y10     \
	VUNPCKHPS  Y7, Y6, Y11     \
	VSHUFPS    $0x44, Y10, Y8, Y4 \
	VSHUFPS    $0xEE, Y10, Y8, Y5 \
	VSHUFPS    $0x44, Y11, Y9, Y6 \
	VSHUFPS    $0xEE, Y11, Y9, Y7 \
	VPERM2F128 $0x20, Y4, Y0, Y8  \
	VPERM2F128 $0x20, Y5, Y1, Y9  \
	VPERM2F128 $0x20, Y6, Y2, Y10 \
	VPERM2F128 $0x20, Y7, Y3, Y11

#define LATER \
	VPERM2F128 $0x31, Y4, Y0, Y8  \
	VPERM2F128 $0x31, Y5, Y1, Y9  \
	VPERM2F128 $0x31, Y6, Y2, Y10 \
	VPERM2F128 $0x31, Y7, Y3, Y11

// Writes four rows; AX is three times DX, what lies between two of them. Past the caches only where a row's share is aligned.
#define WRITE(to) \
	VMOVUPS Y8, (to)        \
	VMOVUPS Y9, (to)(DX*1)  \
	VMOVUPS Y10, (to)(DX*2) \
	VMOVUPS Y11, (to)(AX*1)

#define STREAM(to) \
	VMOVNTPS Y8, (to)        \
	VMOVNTPS Y9, (to)(DX*1)  \
	VMOVNTPS Y10, (to)(DX*2) \
	VMOVNTPS Y11, (to)(AX*1)

// The largest of the eight numbers of Y15, in AX.
#define LARGEST \
	VEXTRACTI128 $1, Y15, X0    \
	VPMAXUD      X0, X15, X0    \
	VPSHUFD      $0x4E, X0, X1  \
	VPMAXUD      X1, X0, X0     \
	VPSHUFD      $0xB1, X0, X1  \
	VPMAXUD      X1, X0, X0     \
	VMOVD        X0, AX

// func transpose8x8(dst *float32, stride int, cols *[]float32, groups, blocks int) (largest uint32)
//
// Y14 masks signs away, Y15 has the largest of what is left of the values' bits.
TEXT ·transpose8x8(SB), NOSPLIT, $0-44
	MOVQ     stride+8(FP), DX
	XORQ     CX, CX
	LEAQ     (DX)(DX*2), AX
	VPCMPEQD Y14, Y14, Y14
	VPSRLD   $1, Y14, Y14
	VPXOR    Y15, Y15, Y15

rows:
	MOVQ dst+0(FP), DI
	MOVQ cols+16(FP), SI
	MOVQ groups+24(FP), BX

columns:
	// Slices lie 24 bytes apart.
	MOVQ    0(SI), R8
	MOVQ    24(SI), R9
	MOVQ    48(SI), R10
	MOVQ    72(SI), R11
	VMOVUPS (R8)(CX*4), Y0
	VMOVUPS (R9)(CX*4), Y1
	VMOVUPS (R10)(CX*4), Y2
	VMOVUPS (R11)(CX*4), Y3
	MOVQ    96(SI), R8
	MOVQ    120(SI), R9
	MOVQ    144(SI), R10
	MOVQ    168(SI), R11
	VMOVUPS (R8)(CX*4), Y4
	VMOVUPS (R9)(CX*4), Y5
	VMOVUPS (R10)(CX*4), Y6
	VMOVUPS (R11)(CX*4), Y7

	VPAND   Y14, Y0, Y8
	VPAND   Y14, Y1, Y9
	VPAND   Y14, Y2, Y10
	VPAND   Y14, Y3, Y11
	VPMAXUD Y8, Y15, Y15
	VPMAXUD Y9, Y10, Y10
	VPMAXUD Y11, Y15, Y15
	VPAND   Y14, Y4, Y8
	VPAND   Y14, Y5, Y9
	VPAND   Y14, Y6, Y12
	VPAND   Y14, Y7, Y13
	VPMAXUD Y10, Y15, Y15
	VPMAXUD Y8, Y9, Y9
	VPMAXUD Y12, Y13, Y13
	VPMAXUD Y9, Y15, Y15
	VPMAXUD Y13, Y15, Y15

	LEAQ  (DI)(DX*4), R8
	MOVQ  DI, R9
	ORQ   DX, R9
	TESTQ $31, R9
	JNZ   apart
	TURN
	STREAM(DI)
	LATER
	STREAM(R8)
	JMP   next

apart:
	TURN
	WRITE(DI)
	LATER
	WRITE(R8)

next:
	ADDQ $32, DI
	ADDQ $192, SI
	DECQ BX
	JNZ  columns
	LEAQ 0(DX*8), DI
	ADDQ DI, dst+0(FP)
	ADDQ $8, CX
	DECQ blocks+32(FP)
	JNZ  rows

	SFENCE
	LARGEST
	MOVL AX, largest+40(FP)
	VZEROUPPER
	RET

// func unpack8(codes *uint32, packed *byte, groups, width int, how *unpacking) (largest uint32)
//
// The low half of Y0 takes 16 bytes from the first code on, the high half those from the fifth on.
TEXT ·unpack8(SB), NOSPLIT, $0-44
	MOVQ    codes+0(FP), DI
	MOVQ    packed+8(FP), SI
	MOVQ    groups+16(FP), CX
	MOVQ    width+24(FP), DX
	MOVQ    how+32(FP), AX
	VMOVDQU 0(AX), Y1          // bytes
	VMOVDQU 32(AX), Y2         // shifts
	VMOVDQU 64(AX), Y3         // mask
	LEAQ    0(DX*4), R8
	SHRQ    $3, R8
	VPXOR   Y15, Y15, Y15

loop:
	VMOVDQU     (SI), X0
	VINSERTI128 $1, (SI)(R8*1), Y0, Y0
	VPSHUFB     Y1, Y0, Y0
	VPSRLVD     Y2, Y0, Y0
	VPAND       Y3, Y0, Y0
	VPMAXUD     Y0, Y15, Y15
	VMOVDQU     Y0, (DI)
	ADDQ        DX, SI
	ADDQ        $32, DI
	DECQ        CX
	JNZ         loop

	LARGEST
	MOVL AX, largest+40(FP)
	VZEROUPPER
	RET
