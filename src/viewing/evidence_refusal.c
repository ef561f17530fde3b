#include "viewing/evidence_refusal.h"

#include <stdarg.h>
#include <stdio.h>

bool evidence_refuse(struct bundle_verdict *verdict, int64_t seq, const char *format, ...)
{
    if (verdict->what[0] != '\0')
        return false;
    int length
        = seq >= 0 ? snprintf(verdict->what, sizeof verdict->what, "record %lld: ", (long long)seq)
                   : 0;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(
        verdict->what + length, sizeof verdict->what - (size_t)length, format, arguments);
    va_end(arguments);
    verdict->seq = seq;
    return false;
}
