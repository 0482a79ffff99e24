//go:build hnswlib && cgo

// What Go asks of hnswlib. Functions that can fail return what went wrong, or NULL; the text is freed by the caller.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct graph graph;

// A row is `wide` codes, a multiple of 64, with its scale and 128 times the sum of its codes. Nodes are numbered by the
// caller from 0.
char *graph_new(graph **out, size_t wide, size_t links, size_t ef, size_t room);
void graph_free(graph *g);
size_t graph_bytes(const graph *g);
size_t graph_nodes(const graph *g);

// graph_reserve makes room for nodes. No other call may run.
char *graph_reserve(graph *g, size_t room);
// graph_add adds n nodes, numbered from first on. Calls may run at the same time once there is a node.
char *graph_add(graph *g, size_t first, size_t n, const int8_t *codes, const float *scales, const int32_t *sums,
                const uint8_t *levels);
// graph_search writes the numbers of up to ef nodes for each of n queries, the nearest first, and how many there are.
char *graph_search(const graph *g, size_t n, const int8_t *codes, const float *scales, const int32_t *sums, size_t ef,
                   uint32_t *found, uint32_t *counts);

// graph_words is how many words graph_links writes: for every node and each of its levels from 0 the count of links and
// the nodes. Their levels go to `levels`, and the node where searches begin to `entry`. It fails where numbers are
// missing.
size_t graph_words(const graph *g);
char *graph_links(const graph *g, uint32_t *links, uint8_t *levels, size_t *entry);
// graph_restore appends n nodes with the links that graph_links wrote, which the caller has checked. graph_enter ends
// it.
char *graph_restore(graph *g, size_t n, const int8_t *codes, const float *scales, const int32_t *sums,
                    const uint32_t *links, const uint8_t *levels);
void graph_enter(graph *g, size_t entry);

#ifdef __cplusplus
}
#endif
