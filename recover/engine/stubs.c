#include "recover/rules/placement.h"
#define WEAK __attribute__((weak))
WEAK void placements_free(struct placements *p){(void)p;}
WEAK bool placements_concern_files(const struct placements *p){(void)p;return false;}
WEAK int placements_of_file(const struct placements *p, const char *path, struct placement *to, struct error *e){(void)p;(void)path;(void)to;(void)e;return -1;}
WEAK void placement_release(struct placement *p){free(p->path);free(p->pattern);}
WEAK int placements_make(struct placements **p, const struct rule_set *r, struct work_volumes *v, const struct windows *w, const struct user_profile *const *u, size_t n, struct error *e){(void)p;(void)r;(void)v;(void)w;(void)u;(void)n;(void)e;return 0;}
