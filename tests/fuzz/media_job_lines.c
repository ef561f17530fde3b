/* What a child that was taken over could write to its parent's pipe. */
#include "media/job_previews.h"
#include "media/job_protocol.h"
#include "media/report.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct job_reader reader;
    struct job_tables tables = { 0 };
    struct problem problem = { 0 };
    json_t *line;
    reader.count = 0;
    while (size > 0 && !problem_is_set(&problem)) {
        size_t piece
            = sizeof reader.bytes - reader.count < size ? sizeof reader.bytes - reader.count : size;
        memcpy(reader.bytes + reader.count, data, piece);
        reader.count += piece;
        data += piece;
        size -= piece;
        while (!problem_is_set(&problem) && (line = job_reader_next(&reader, &problem))) {
            struct media_report report;
            struct segment_table table;
            struct problem unfit = { 0 };
            struct job_previews previews = { 0 };
            bool taken;
            (void)media_report_from_json(json_object_get(line, "report"), &report, &unfit);
            (void)job_previews_take(&previews, line, &taken, &unfit);
            (void)job_tables_take(&tables, line, &taken, &problem);
            for (size_t i = 0; i < tables.count; i++)
                if (segment_table_from_json(tables.entries[i].table, 1000, &table, &unfit))
                    segment_table_release(&table);
            struct media_plan plan;
            if (tables.plan && plan_from_json(tables.plan, &plan, &unfit))
                plan_release(&plan);
            json_decref(line);
        }
    }
    job_tables_release(&tables);
    return 0;
}
