//go:build cgo && linux

package device

/*
#include <stdlib.h> // says whether this is glibc
#ifdef __GLIBC__
#include <malloc.h>
static void tuneMalloc(void) {
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, 6 << 20);
	mallopt(M_TRIM_THRESHOLD, 8 << 20);
}
static void trimMalloc(void) { malloc_trim(0); }
#else
static void tuneMalloc(void) {}
static void trimMalloc(void) {}
#endif
*/
import "C"

// tuneMalloc sets glibc's allocator for XLA, for the whole process: freed memory should return to the system, but not
// at every call only to be fetched again. By glibc's defaults every thread that computes has an arena of its own, full
// of holes, and buffers of many megabytes are cut out of them once one was freed: a training run took some 150 MB more,
// and grew. With one arena, buffers of 6 MB and more (the weights of a large layer, for instance) go straight back to
// the system, and the others when more than 8 MB are free at the arena's end. Without the latter it would be 128 KB,
// since the former is no longer glibc's choice: the pages of an embedding's buffers would be new at each call, which
// cost steps 6 % and embeddings 7 % (BenchmarkTrain and BenchmarkEmbed, three times in turn); 64 MB are no faster than
// 8, and take more memory.
func tuneMalloc() { C.tuneMalloc() }

// trimMalloc gives freed memory back to the system that lies between what is in use: compiling leaves a lot of it.
func trimMalloc() { C.trimMalloc() }
