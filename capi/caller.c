/* Which release's header a caller of an init function was built with: told, as
 * far as that goes, by the functions that it was linked with. */
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "call.h"

#if defined(__linux__)
#include <link.h>
#include <string.h>

/* tests/c/run.sh holds these against the headers. */
static const char *const since_0_2[] = {"tsne_affinities_from_distances",
                                        "tsne_align",
                                        "tsne_bootstrap",
                                        "tsne_model_data",
                                        "tsne_model_load",
                                        "tsne_model_load_bytes",
                                        "tsne_model_save",
                                        "tsne_model_save_bytes",
                                        "tsne_model_set_data",
                                        "tsne_neighbors_of_distances",
                                        "tsne_partial_clone",
                                        "tsne_partial_embedding",
                                        "tsne_partial_free",
                                        "tsne_partial_info",
                                        "tsne_partial_optimize",
                                        "tsne_procrustes",
                                        "tsne_procrustes_labels",
                                        "tsne_procrustes_many",
                                        "tsne_quality",
                                        "tsne_reduce",
                                        "tsne_reduce_csr",
                                        "tsne_shared_neighbors",
                                        "tsne_spectral",
                                        "tsne_superpose",
                                        "tsne_superposition_init",
                                        "tsne_transform",
                                        "tsne_transform_options_init"};
static const char *const since_0_3[] = {
    "tsne_conditional", "tsne_neighbors_of_new", "tsne_partial_affinities",
    "tsne_partial_new"};

typedef struct search {
  uintptr_t caller;
  const char *init;
  int minor;
  int called; /* by an object of that minor version or a later one */
  int older;  /* another object may be of an earlier one */
} search;

static int listed(const char *name, const char *const *list, size_t n) {
  while (n--)
    if (!strcmp(name, list[n]))
      return 1;
  return 0;
}
#define LISTED(name, list) listed(name, list, sizeof(list) / sizeof *(list))

typedef struct imports {
  const char *strings;
  const ElfW(Sym) * symbols;
  int init, later;
} imports;

/* Whatever is imported has a relocation, of `each` bytes with its symbol in
 * r_info, which both kinds have at the same place. */
static void relocations(imports *found, const search *s, const char *at,
                        size_t bytes, size_t each) {
  const char *end = at + bytes;
  for (; at && at < end; at += each) {
    const ElfW(Rel) *r = (const ElfW(Rel) *)at;
#if __SIZEOF_POINTER__ == 8
    const ElfW(Sym) *symbol = found->symbols + ELF64_R_SYM(r->r_info);
#else
    const ElfW(Sym) *symbol = found->symbols + ELF32_R_SYM(r->r_info);
#endif
    const char *name = found->strings + symbol->st_name;
    if (symbol == found->symbols || symbol->st_shndx != SHN_UNDEF ||
        strncmp(name, "tsne_", 5))
      continue;
    found->init |= !strcmp(name, s->init);
    found->later |=
        LISTED(name, since_0_3) || (s->minor == 2 && LISTED(name, since_0_2));
  }
}

static int object(struct dl_phdr_info *info, size_t size, void *data) {
  search *s = data;
  imports found = {NULL, NULL, 0, 0};
  const ElfW(Dyn) *d = NULL;
  const char *plt = NULL, *rela = NULL, *rel = NULL;
  size_t plt_size = 0, rela_size = 0, rel_size = 0;
  size_t plt_each = sizeof(ElfW(Rela));
  int i, here = 0;
  (void)size;
  for (i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *p = info->dlpi_phdr + i;
    uintptr_t from = info->dlpi_addr + p->p_vaddr;
    if (p->p_type == PT_DYNAMIC)
      d = (const ElfW(Dyn) *)from;
    if (p->p_type == PT_LOAD)
      here |= s->caller >= from && s->caller - from < p->p_memsz;
  }
  for (; d && d->d_tag != DT_NULL; d++) {
    /* Loaders differ in whether they write addresses over the offsets. */
    const char *at = (const char *)(d->d_un.d_ptr < info->dlpi_addr
                                        ? info->dlpi_addr + d->d_un.d_ptr
                                        : d->d_un.d_ptr);
    switch (d->d_tag) {
    case DT_STRTAB:
      found.strings = at;
      break;
    case DT_SYMTAB:
      found.symbols = (const void *)at;
      break;
    case DT_JMPREL:
      plt = at;
      break;
    case DT_PLTRELSZ:
      plt_size = d->d_un.d_val;
      break;
    case DT_PLTREL:
      if (d->d_un.d_val == DT_REL)
        plt_each = sizeof(ElfW(Rel));
      break;
    case DT_RELA:
      rela = at;
      break;
    case DT_RELASZ:
      rela_size = d->d_un.d_val;
      break;
    case DT_REL:
      rel = at;
      break;
    case DT_RELSZ:
      rel_size = d->d_un.d_val;
      break;
    }
  }
  if (!found.strings || !found.symbols)
    return 0;
  relocations(&found, s, plt, plt_size, plt_each);
  relocations(&found, s, rela, rela_size, sizeof(ElfW(Rela)));
  relocations(&found, s, rel, rel_size, sizeof(ElfW(Rel)));
  if (found.init && found.later)
    s->called |= here;
  else
    s->older |= found.init;
  return 0;
}

/* An object's return address may be its caller's, if it ends in the call: so
 * there must be no other that could be of an earlier release. */
int tsne__built_since(int minor, const char *init, const void *caller) {
  search s = {0, NULL, 0, 0, 0};
  s.caller = (uintptr_t)caller;
  s.init = init;
  s.minor = minor;
  dl_iterate_phdr(object, &s);
  return s.called && !s.older;
}
#else
int tsne__built_since(int minor, const char *init, const void *caller) {
  (void)minor, (void)init, (void)caller;
  return 0;
}
#endif
