/*
 * What is odd about a file that was looked at, as findings: things that an admin may want to know before publishing,
 * each with what is done about it.  Tells only what was measured; decides nothing.
 */
#ifndef LECTERN_MEDIA_ODDITIES_H
#define LECTERN_MEDIA_ODDITIES_H

#include "media/probe.h"

/* sound_only: a sound track to be added to a lecture; what else the file holds is of no interest. */
void oddities_tell(const struct media_probe *probe, bool sound_only, struct media_report *report);

#endif
