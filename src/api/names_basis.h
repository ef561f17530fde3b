/*
 * Names leave the house only for a reason: ?names=1&basis=..., which is recorded before anything is read.
 */
#ifndef LECTERN_API_NAMES_BASIS_H
#define LECTERN_API_NAMES_BASIS_H

#include "http/exchange.h"
#include "store/db.h"

/* NULL: without names. */
bool names_basis_read(struct exchange *exchange, const char **ret_basis, struct problem *problem);

#endif
