#include "recover/engine/migration.h"
#include "recover/rules/placement.h"
#define WEAK __attribute__((weak))
int rule_file_builtin(struct rule_file *f, struct error *e);
WEAK int rule_file_builtin(struct rule_file *f, struct error *e){(void)e;*f=(struct rule_file){0};return 0;}
WEAK int rule_file_read(struct rule_file *f,const char*p, struct error *e){(void)e;(void)p;*f=(struct rule_file){0};return 0;}
WEAK void rule_file_release(struct rule_file *f){(void)f;}
WEAK int config_file_read(struct config_file *f,const char*p, struct error *e){(void)e;(void)p;*f=(struct config_file){0};return 0;}
WEAK void config_file_release(struct config_file *f){(void)f;}
WEAK int windows_open(struct windows *w, struct work_volumes *v, const struct windows_options *o, struct error *e){(void)v;(void)o;(void)e;*w=(struct windows){0};return 0;}
WEAK void windows_close(struct windows *w){(void)w;}
WEAK int account_choice_make(const struct account_choice *c, const struct windows *w, struct chosen_accounts *a, struct error *e){(void)c;(void)w;(void)a;(void)e;return 0;}
WEAK int rule_selection_make(struct rule_selection *s, const struct rule_set *r, struct work_volumes *v, const struct windows *w, const struct user_profile *const *u, size_t n, const uint32_t *x, struct error *e){(void)s;(void)r;(void)v;(void)w;(void)u;(void)n;(void)x;(void)e;return -1;}
WEAK void rule_selection_release(struct rule_selection *s){(void)s;}
WEAK void placements_free(struct placements *p){(void)p;}
WEAK bool placements_concern_files(const struct placements *p){(void)p;return false;}
WEAK int placements_of_file(const struct placements *p, const char *path, struct placement *to, struct error *e){(void)p;(void)path;(void)to;(void)e;return -1;}
WEAK void placement_release(struct placement *p){free(p->path);free(p->pattern);}
