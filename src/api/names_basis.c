#include "api/names_basis.h"

#include "base/text.h"

#include <string.h>

enum { BASIS_BYTES_MAX = 500 };

bool names_basis_read(struct exchange *exchange, const char **ret_basis, struct problem *problem)
{
    const char *names = exchange_query(exchange, "names");
    const char *basis = exchange_query(exchange, "basis");
    *ret_basis = NULL;
    if (!names || strcmp(names, "0") == 0)
        return true;
    if (strcmp(names, "1") != 0)
        return problem_set_field(problem, "names", "0 or 1");
    if (!basis || !text_is_line(basis, BASIS_BYTES_MAX))
        return problem_set_field(problem, "basis",
            "what the names are needed for, a line of %d bytes at most", BASIS_BYTES_MAX);
    *ret_basis = basis;
    return true;
}
