/*
 * How often a peer may make work for nothing: a bucket of tokens that refills with time.  Pure.
 */
#ifndef LECTERN_HTTP_BUDGET_H
#define LECTERN_HTTP_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct budget {
    int64_t tokens_thousandths;
    int64_t refilled_ms;
    int64_t most, per_second;
};

void budget_init(struct budget *budget, int64_t most, int64_t per_second, int64_t now_ms);
/* false when it is spent. */
bool budget_take(struct budget *budget, int64_t now_ms);
/* Work that was worth its while earns tokens. */
void budget_earn(struct budget *budget, int64_t tokens);

#endif
