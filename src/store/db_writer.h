/*
 * Group commit: the queue of waiting functions and the one thread that writes.  Private to store/.
 *
 * There is no delay to collect a group: while one commit waits for the disk, the next gathers.
 * Alone, a write is committed at once; under load, a sync of the disk is shared by all who wait.
 *
 * Ownership  db_writer_start() takes the connection over, db_writer_stop() ends it.
 * Threads    db_writer_run() and db_writer_submit() from any thread but the writer's own.
 */
#ifndef LECTERN_STORE_DB_WRITER_H
#define LECTERN_STORE_DB_WRITER_H

#include "store/db.h"

struct db_writer;

struct db_writer *db_writer_start(struct db_connection *connection, struct problem *problem);
void db_writer_stop(struct db_writer *writer); /* after all that was submitted; accepts NULL */

bool db_writer_run(
    struct db_writer *writer, db_function function, void *data, struct problem *problem);
/* The same outside of a transaction, alone and in its turn: for what the engine does to itself. */
bool db_writer_run_outside(
    struct db_writer *writer, db_function function, void *data, struct problem *problem);
void db_writer_submit(struct db_writer *writer, db_function function, void *data,
    void (*done)(void *data, bool durable, const struct problem *problem));
size_t db_writer_waiting(struct db_writer *writer);

#endif
