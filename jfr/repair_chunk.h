/* repair_chunk.h — finding out what of one chunk is sound, for repair.c. Nothing is written. */
#ifndef JFR_REPAIR_CHUNK_H
#define JFR_REPAIR_CHUNK_H

#include "jfr/read_internal.h"

/* Bytes that become a padding. */
struct jfr_spoilt {
    uint64_t at, len; /* len >= JFR_SPOILT_MIN */
};
enum { JFR_SPOILT_MIN = 7 };

/* A checkpoint that can be decoded. */
struct jfr_sound_checkpoint {
    uint64_t at;
    uint64_t delta_at; /* of the field `delta` */
    int64_t delta;
    uint32_t delta_len; /* bytes */
    bool has_pools;
};

struct jfr_survey {
    const uint8_t *bytes; /* borrowed: the chunk and what is behind it */
    uint64_t left;
    struct jfr_chunk_header head;
    uint64_t next;             /* where the search for the next chunk goes on */
    uint64_t end;              /* of what is kept; 0 = nothing */
    struct jfr_spoilt *spoilt; /* owned, by rising offset */
    size_t n_spoilt, cap_spoilt;
    struct jfr_sound_checkpoint *checkpoints; /* owned, by rising offset */
    size_t n_checkpoints, cap_checkpoints;
    bool is_chain_sound; /* from head.checkpoint_offset; else all with pools are to be joined */
    bool has_metadata;   /* at head.metadata_offset, whole */
    bool has_tail;       /* ends with metadata or a checkpoint of 68 bytes or more */
    uint64_t n_events;
    int64_t last_ticks; /* latest start of an event */
    const char *wrong;
    /* While it runs. */
    struct jfr_chunk *chunk;
    uint64_t work;
};

/* Are there 68 bytes that look like a chunk header? */
bool jfr_survey_is_header(const uint8_t *bytes, uint64_t left);
/* Look at the chunk whose header is at bytes. 0 or -ENOMEM. */
int jfr_survey_chunk(struct jfr_survey *s, const uint8_t *bytes, uint64_t left);
void jfr_survey_fini(struct jfr_survey *s);

#endif
