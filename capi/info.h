/* info.h: how info.go gets the modules' sections. */

#ifndef BERTH_CAPI_INFO_H
#define BERTH_CAPI_INFO_H

#include "capi_internal.h"

#pragma GCC visibility push(hidden)

struct RedisModuleInfoCtx {
    rm_module *module;
    const char *want; /* the only section to show, or the module's name; NULL: all */
    rm_reply text;
    bool in_section;
    bool in_dict;
};

/* The sections that m adds, as INFO prints them; malloc'd, NULL when there are none. */
char *rm_info_text(rm_module *m, const char *want, int for_crash, size_t *len);

#pragma GCC visibility pop

#endif
