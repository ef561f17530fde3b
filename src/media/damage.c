#include "media/damage.h"

enum { ERRORS_LEAST = 10, ERRORS_EARLY = 100, BEARABLE_PARTS = 10 };

bool damage_refuse(const struct damage *damage, enum finding_code code, struct problem *problem)
{
    int percent_whole = damage->errors < damage->packets ? 90 : 1;
    return finding_refuse(problem, (struct finding){ .code = code, .numbers = { percent_whole } });
}

bool damage_is_bearable(
    const struct damage *damage, bool at_end, enum finding_code code, struct problem *problem)
{
    int64_t least = at_end ? ERRORS_LEAST : ERRORS_EARLY;
    return damage->errors <= least || damage->errors * BEARABLE_PARTS <= damage->packets
           || damage_refuse(damage, code, problem);
}
