/* sharedapi.h: what sharedapi.c exports and sharedapiuser.c uses. */

#ifndef SHAREDAPI_H
#define SHAREDAPI_H

typedef long long (*sharedapi_add)(long long a, long long b);
typedef const char *(*sharedapi_name)(void);

#endif
