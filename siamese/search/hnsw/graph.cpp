//go:build hnswlib && cgo

// A thin layer over hnswlib (headers of Debian's libhnswlib-dev, 0.6.2). hnswlib keeps nodes and links; rows are codes
// of 8 bits, since searches wait for memory. Exceptions end here.
#include "graph.h"

#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <string>
#include <vector>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

using index_type = hnswlib::HierarchicalNSW<float>;

// Behind the codes of a row.
struct tail {
  float scale;
  int32_t sum;  // of the codes, times 128
};

// A product of codes, by the best instructions of the processor: results are the same integers.
using product = int32_t (*)(const int8_t *x, const int8_t *y, int32_t sum, size_t wide);

int32_t plain(const int8_t *x, const int8_t *y, int32_t, size_t wide) {
  int32_t sum = 0;
  for (size_t k = 0; k < wide; k++) sum += int32_t(x[k]) * int32_t(y[k]);
  return sum;
}

#if defined(__x86_64__)
// There is an instruction for unsigned times signed codes: x + 128 is unsigned, and the product 128 times the sum of y
// too large.
__attribute__((target("avx512f,avx512bw,avx512vnni"))) int32_t vnni(const int8_t *x, const int8_t *y, int32_t sum,
                                                                   size_t wide) {
  const __m512i up = _mm512_set1_epi8(char(0x80));
  __m512i a = _mm512_setzero_si512();
  for (size_t k = 0; k < wide; k += 64) {
    const __m512i u = _mm512_xor_si512(_mm512_loadu_si512(x + k), up);
    a = _mm512_dpbusd_epi32(a, u, _mm512_loadu_si512(y + k));
  }
  return _mm512_reduce_add_epi32(a) - sum;
}

__attribute__((target("avx2"))) int32_t avx2(const int8_t *x, const int8_t *y, int32_t, size_t wide) {
  __m256i a = _mm256_setzero_si256();
  for (size_t k = 0; k < wide; k += 16) {
    const __m256i u = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i *>(x + k)));
    const __m256i v = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i *>(y + k)));
    a = _mm256_add_epi32(a, _mm256_madd_epi16(u, v));
  }
  __m128i b = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
  b = _mm_add_epi32(b, _mm_shuffle_epi32(b, 0x4e));
  b = _mm_add_epi32(b, _mm_shuffle_epi32(b, 0xb1));
  return _mm_cvtsi128_si32(b);
}
#endif

product best() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw")) return vnni;
  if (__builtin_cpu_supports("avx2")) return avx2;
#endif
  return plain;
}

const product multiply = best();

// The distance is the negative cosine, as codes have it. Rounded in one order, it is the same everywhere.
float distance(const void *a, const void *b, const void *param) {
  const size_t wide = *static_cast<const size_t *>(param);
  const int8_t *x = static_cast<const int8_t *>(a), *y = static_cast<const int8_t *>(b);
  tail p, q;
  std::memcpy(&p, x + wide, sizeof p);
  std::memcpy(&q, y + wide, sizeof q);
  return -(float(multiply(x, y, q.sum, wide)) * (p.scale * q.scale));
}

class space : public hnswlib::SpaceInterface<float> {
 public:
  explicit space(size_t wide) : wide_(wide) {}
  size_t get_data_size() override { return wide_ + sizeof(tail); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }
  void *get_dist_func_param() override { return &wide_; }

 private:
  size_t wide_;
};

char *text(const std::string &s) {
  char *out = static_cast<char *>(std::malloc(s.size() + 1));
  if (out == nullptr) std::terminate();
  std::memcpy(out, s.c_str(), s.size() + 1);
  return out;
}

// attempt returns the text of an exception, or NULL.
template <typename F>
char *attempt(F f) {
  try {
    f();
    return nullptr;
  } catch (const std::exception &e) {
    return text(e.what());
  } catch (...) {
    return text("an unknown fault of hnswlib");
  }
}

}  // namespace

struct graph {
  graph(size_t wide, size_t links, size_t ef, size_t room) : wide(wide), of(wide), index(&of, room, links, ef) {
    index.mult_ = 0;  // levels are the caller's: hnswlib's own are 0 then, and drawn without a lock
  }
  size_t wide;
  space of;
  index_type index;

  // row copies row i as hnswlib keeps it.
  void row(char *out, const int8_t *codes, const float *scales, const int32_t *sums, size_t i) const {
    const tail t{scales[i], sums[i]};
    std::memcpy(out, codes + i * wide, wide);
    std::memcpy(out + wide, &t, sizeof t);
  }
};

char *graph_new(graph **out, size_t wide, size_t links, size_t ef, size_t room) {
  return attempt([&] { *out = new graph(wide, links, ef, room); });
}

void graph_free(graph *g) { delete g; }

size_t graph_bytes(const graph *g) {
  const index_type &x = g->index;
  size_t n = x.max_elements_ * (x.size_data_per_element_ + sizeof(std::mutex) + sizeof(int) + sizeof(char *) + 2) +
             x.cur_element_count * 48;  // labels
  for (size_t i = 0; i < x.cur_element_count; i++) n += size_t(x.element_levels_[i]) * x.size_links_per_element_;
  return n;
}

size_t graph_nodes(const graph *g) { return g->index.cur_element_count; }

char *graph_reserve(graph *g, size_t room) {
  return attempt([&] { g->index.resizeIndex(room); });
}

char *graph_add(graph *g, size_t first, size_t n, const int8_t *codes, const float *scales, const int32_t *sums,
                const uint8_t *levels) {
  return attempt([&] {
    std::vector<char> one(g->wide + sizeof(tail));
    for (size_t i = 0; i < n; i++) {
      g->row(one.data(), codes, scales, sums, i);
      g->index.addPoint(one.data(), first + i, levels[i]);
    }
  });
}

char *graph_search(const graph *g, size_t n, const int8_t *codes, const float *scales, const int32_t *sums, size_t ef,
                   uint32_t *found, uint32_t *counts) {
  return attempt([&] {
    const index_type &x = g->index;
    std::vector<char> one(g->wide + sizeof(tail));
    for (size_t q = 0; q < n; q++, found += ef) {
      counts[q] = 0;
      if (x.cur_element_count == 0) continue;
      g->row(one.data(), codes, scales, sums, q);
      hnswlib::tableint at = x.enterpoint_node_;
      float nearest = distance(one.data(), x.getDataByInternalId(at), &g->wide);
      for (int level = x.maxlevel_; level > 0; level--) {
        for (bool moved = true; moved;) {
          moved = false;
          const hnswlib::linklistsizeint *list = x.get_linklist(at, level);
          const unsigned count = x.getListCount(const_cast<hnswlib::linklistsizeint *>(list));
          for (unsigned k = 1; k <= count; k++) {
            const float d = distance(one.data(), x.getDataByInternalId(list[k]), &g->wide);
            if (d < nearest) nearest = d, at = list[k], moved = true;
          }
        }
      }
      auto top = x.searchBaseLayerST<false>(at, one.data(), ef);  // what was deleted is left out by the caller
      counts[q] = uint32_t(top.size());
      for (size_t k = top.size(); k > 0; k--, top.pop()) found[k - 1] = uint32_t(x.getExternalLabel(top.top().second));
    }
  });
}

size_t graph_words(const graph *g) {
  const index_type &x = g->index;
  size_t words = 0;
  for (size_t i = 0; i < x.cur_element_count; i++) {
    for (int level = 0; level <= x.element_levels_[i]; level++)
      words += 1 + x.getListCount(x.get_linklist_at_level(i, level));
  }
  return words;
}

char *graph_links(const graph *g, uint32_t *links, uint8_t *levels, size_t *entry) {
  return attempt([&] {
    const index_type &x = g->index;
    for (size_t node = 0; node < x.cur_element_count; node++) {
      const hnswlib::tableint i = x.label_lookup_.at(node);
      levels[node] = uint8_t(x.element_levels_[i]);
      for (int level = 0; level <= x.element_levels_[i]; level++) {
        hnswlib::linklistsizeint *list = x.get_linklist_at_level(i, level);
        const uint32_t count = x.getListCount(list);
        *links++ = count;
        for (uint32_t k = 1; k <= count; k++) *links++ = uint32_t(x.getExternalLabel(list[k]));
      }
    }
    *entry = x.cur_element_count == 0 ? 0 : x.getExternalLabel(x.enterpoint_node_);
  });
}

char *graph_restore(graph *g, size_t n, const int8_t *codes, const float *scales, const int32_t *sums,
                    const uint32_t *links, const uint8_t *levels) {
  return attempt([&] {
    index_type &x = g->index;
    const size_t first = x.cur_element_count;
    if (first + n > x.max_elements_) throw std::runtime_error("there is no room");
    for (size_t i = 0; i < n; i++) {
      const hnswlib::tableint node = hnswlib::tableint(first + i);
      std::memset(x.get_linklist0(node), 0, x.size_data_per_element_);
      x.setExternalLabel(node, node);
      g->row(x.getDataByInternalId(node), codes, scales, sums, i);
      x.label_lookup_[node] = node;
      x.element_levels_[node] = 0;
      if (levels[i] > 0) {
        x.linkLists_[node] = static_cast<char *>(std::calloc(x.size_links_per_element_, levels[i]));
        if (x.linkLists_[node] == nullptr) throw std::bad_alloc();
        x.element_levels_[node] = levels[i];
      }
      x.cur_element_count = first + i + 1;
      for (int level = 0; level <= levels[i]; level++) {
        hnswlib::linklistsizeint *list = x.get_linklist_at_level(node, level);
        const uint32_t count = *links++;
        x.setListCount(list, uint16_t(count));
        std::memcpy(list + 1, links, 4 * count);
        links += count;
      }
    }
  });
}

void graph_enter(graph *g, size_t entry) {
  g->index.enterpoint_node_ = hnswlib::tableint(entry);
  g->index.maxlevel_ = g->index.element_levels_[entry];
}
