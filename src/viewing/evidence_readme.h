/* What a bundle says of itself to whoever receives it; private to viewing/. */
#ifndef LECTERN_VIEWING_EVIDENCE_README_H
#define LECTERN_VIEWING_EVIDENCE_README_H

extern const char evidence_readme[];

#endif
