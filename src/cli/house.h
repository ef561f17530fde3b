/*
 * The parts that a command needs when it runs in its own process: the data folder locked, the store
 * open, and for lectures the threads that prepare them.  serve.c opens its store through here too.
 *
 * Ownership  house_open() fills a house; house_close() ends it, also a half-opened one.
 */
#ifndef LECTERN_CLI_HOUSE_H
#define LECTERN_CLI_HOUSE_H

#include "base/settings.h"
#include "catalog/ingest.h"
#include "store/db.h"

struct house {
    struct db *db;
    struct ingest *ingest; /* NULL unless asked for */
};

/* PROBLEM_CONFLICT while another process has the folder. */
bool house_open(struct house *house, const struct settings *settings, bool with_ingest,
    struct problem *problem);
void house_close(struct house *house);

/* Is the data folder there, closed to others, and this user's to write?  Before anything is written there. */
bool data_folder_check(const char *folder, struct problem *problem);
/* db_open() behind that check; sets server time not to go below the newest instant in the
 * store.  Makes the folders below data, each 0700, where they are missing.  PROBLEM_SETTING when data itself is
 * not there: 'lectern init' makes it. */
struct db *store_open(const struct settings *settings, struct problem *problem);
/* The same beside the server that has the folder, with its lock (db_open_beside). */
struct db *store_open_beside(
    const struct settings *settings, int held_lock, struct problem *problem);
/* Run by root on a folder of somebody else (the service's user): becomes that user, so that no file is
 * made that the server could not read. */
bool become_owner(const char *folder, struct problem *problem);
/* A path below data, or the path itself where it is absolute; into ret_path[PATH_MAX]. */
bool data_path(
    const struct settings *settings, const char *path, char *ret_path, struct problem *problem);

#endif
