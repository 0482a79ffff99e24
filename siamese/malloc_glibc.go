//go:build cgo && linux

package siamese

/*
#include <stdlib.h> // says whether this is glibc
#ifdef __GLIBC__
#include <malloc.h>
static void tuneMalloc(void) {
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, 6 << 20);
}
static void trimMalloc(void) { malloc_trim(0); }
#else
static void tuneMalloc(void) {}
static void trimMalloc(void) {}
#endif
*/
import "C"

// tuneMalloc keeps what XLA frees from being kept by glibc. By its defaults every thread that computes has an arena of
// its own, full of holes, and buffers of many megabytes are cut out of them once one was freed: a training run took
// some 150 MB more, and grew. With one arena, and buffers of 6 MB and more (the weights of a large layer, for instance) going
// straight back to the system, steps and embeddings take the same time. Smaller ones stay in the arena: giving
// those back costs a tenth of it.
func tuneMalloc() { C.tuneMalloc() }

// trimMalloc gives freed memory back to the system that lies between what is in use: compiling leaves a lot of it.
func trimMalloc() { C.trimMalloc() }
