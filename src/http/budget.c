#include "http/budget.h"

void budget_init(struct budget *budget, int64_t most, int64_t per_second, int64_t now_ms)
{
    *budget = (struct budget){ most * 1000, now_ms, most, per_second };
}

static void add(struct budget *budget, int64_t thousandths)
{
    int64_t room = budget->most * 1000 - budget->tokens_thousandths;
    budget->tokens_thousandths += thousandths < room ? thousandths : room;
}

bool budget_take(struct budget *budget, int64_t now_ms)
{
    int64_t passed_ms = now_ms - budget->refilled_ms;
    int64_t full_ms = budget->most * 1000 / budget->per_second + 1;
    budget->refilled_ms = now_ms;
    add(budget, (passed_ms < full_ms ? passed_ms : full_ms) * budget->per_second);
    if (budget->tokens_thousandths < 1000)
        return false;
    budget->tokens_thousandths -= 1000;
    return true;
}

void budget_earn(struct budget *budget, int64_t tokens)
{
    add(budget, tokens < budget->most ? tokens * 1000 : budget->most * 1000);
}
