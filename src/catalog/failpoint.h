/*
 * Named places between two steps that must survive a crash.  In the program they are nothing; the
 * tests build this layer with LECTERN_FAILPOINTS and bring a failpoint() that ends the process
 * there as a power cut would.
 */
#ifndef LECTERN_CATALOG_FAILPOINT_H
#define LECTERN_CATALOG_FAILPOINT_H

#ifdef LECTERN_FAILPOINTS
void failpoint(const char *name);
#else
#define failpoint(name) ((void)0)
#endif

#endif
