/*
 * What kind of device a browser says it runs on: as much of User-Agent (RFC 9110 section 10.1.5) as is kept.
 * A hint that anybody can forge; no permission and no credit depends on it.  Pure.
 */
#ifndef LECTERN_ACCESS_DEVICE_KIND_H
#define LECTERN_ACCESS_DEVICE_KIND_H

/* "phone", "tablet", "computer" or "other"; NULL, no field, is "other". */
const char *device_kind(const char *user_agent);

#endif
