/* repair_chunk.c — see repair_chunk.h. Stages: where the chunk ends, its metadata, then event by
 * event whether each can be decoded by that metadata to its last byte, and the chain of
 * checkpoints.
 */
#include "jfr/repair_chunk.h"

#include <errno.h>
#include <stdlib.h>

enum {
    WORK_FACTOR = 64, /* bytes decoded per byte of the chunk before the rest is given up */
    MINOR_MAX = 9,
    METADATA_MAX = 8, /* metadata events that are tried */
    TAIL_MIN = 68,    /* FORMAT.md §9: the last event has as many bytes */
};

static void blame(struct jfr_survey *s, const char *wrong)
{
    if (!s->wrong)
        s->wrong = wrong;
}

/* --- header and extent ------------------------------------------------------------------------ */

static uint64_t be(const uint8_t *p, int n)
{
    uint64_t v = 0;
    while (n-- > 0)
        v = v << 8 | *p++;
    return v;
}

bool jfr_survey_is_header(const uint8_t *b, uint64_t left)
{
    if (left < JFR_HEADER_LEN || memcmp(b, "FLR\0", 4) != 0)
        return false;
    uint64_t size = be(b + 8, 8);
    return be(b + 4, 2) == 2 && be(b + 6, 2) <= MINOR_MAX && (size == 0 || size >= JFR_HEADER_LEN);
}

static void parse_header(struct jfr_survey *s)
{
    const uint8_t *b = s->bytes;
    s->head = (struct jfr_chunk_header){
        .size = be(b + 8, 8),
        .checkpoint_offset = be(b + 16, 8),
        .metadata_offset = be(b + 24, 8),
        .start_ns = (int64_t)be(b + 32, 8),
        .duration_ns = (int64_t)be(b + 40, 8),
        .start_ticks = (int64_t)be(b + 48, 8),
        .ticks_per_sec = be(b + 56, 8),
        .major = (uint16_t)be(b + 4, 2),
        .minor = (uint16_t)be(b + 6, 2),
        .state = b[64],
        .flags = b[67],
    };
    if (s->head.ticks_per_sec == 0) {
        s->head.ticks_per_sec = 1000000000;
        blame(s, "no ticks per second");
    }
}

/* Size and type of the event at `at`, if they make sense up to `end`; `in` stands behind them. */
static bool frame(const struct jfr_survey *s, uint64_t at, uint64_t end, struct jfr_in *in,
                  uint64_t *size, uint64_t *type)
{
    if (at >= end)
        return false;
    jfr_in_init(in, s->bytes + at, end - at);
    *size = jfr_in_leb(in);
    *type = jfr_in_leb(in);
    if (!jfr_in_ok(in) || *size < jfr_in_at(in) || *size > end - at)
        return false;
    in->end = in->begin + *size;
    return true;
}

/* The header's size can't be right: the chunk is what tiles. Sizes that a recorder left behind when
 * it was killed are those of its last flush, and what it wrote later lacks its constants. */
static uint64_t extent_by_events(struct jfr_survey *s)
{
    uint64_t at = JFR_HEADER_LEN, size, type;
    struct jfr_in in;
    for (; at < s->left; at += size) {
        if (at > JFR_HEADER_LEN && at == s->head.size) {
            blame(s, "bytes behind its end");
            return at;
        }
        if (jfr_survey_is_header(s->bytes + at, s->left - at) ||
            !frame(s, at, s->left, &in, &size, &type))
            break;
    }
    if (s->head.size <= JFR_HEADER_LEN)
        blame(s, "it was never finished");
    else
        blame(s, s->head.size > s->left ? "it is cut short" : "its size is wrong");
    return at;
}

static uint64_t extent(struct jfr_survey *s)
{
    uint64_t size = s->head.size;
    if (size > JFR_HEADER_LEN && size <= s->left &&
        (size == s->left || jfr_survey_is_header(s->bytes + size, s->left - size)))
        return size;
    return extent_by_events(s);
}

/* --- metadata --------------------------------------------------------------------------------- */

static int open_at(struct jfr_survey *s, uint64_t metadata_at)
{
    struct jfr_file *file;
    struct jfr_chunk_header head = s->head;
    head.file_offset = 0;
    head.size = head.available = s->end;
    head.metadata_offset = metadata_at;
    if (jfr_file_wrap(&file, s->bytes, (size_t)s->end, NULL) != 0)
        return -EBADMSG;
    int rc = jfr_chunk_open(&s->chunk, file, &head, NULL);
    jfr_file_close(file);
    return rc;
}

/* By the header, or the last metadata event that there is (of the first few). */
static int open_chunk(struct jfr_survey *s)
{
    uint64_t size, type;
    struct jfr_in in;
    int rc = open_at(s, s->head.metadata_offset);
    if (rc == 0 || rc == -ENOMEM)
        return rc;
    int n_left = METADATA_MAX;
    for (uint64_t at = JFR_HEADER_LEN; frame(s, at, s->end, &in, &size, &type); at += size) {
        if (type != JFR_TYPE_METADATA || n_left-- <= 0)
            continue;
        struct jfr_chunk *before = s->chunk;
        s->chunk = NULL;
        if (open_at(s, at) != 0) {
            s->chunk = before;
            continue;
        }
        jfr_chunk_close(before);
        s->head.metadata_offset = at;
        blame(s, "its header doesn't lead to its metadata");
    }
    return s->chunk ? 0 : -EBADMSG;
}

/* --- events ----------------------------------------------------------------------------------- */

static int grow(void **array, size_t n, size_t *cap, size_t element)
{
    if (n < *cap)
        return 0;
    size_t bigger = *cap ? *cap * 2 : 64;
    void *p = realloc(*array, bigger * element);
    if (!p)
        return -ENOMEM;
    *array = p;
    *cap = bigger;
    return 0;
}

/* Constants of primitive types don't exist, but for strings. */
static bool has_pool(const struct jfr_type *type)
{
    return type && !type->is_event && !type->layout->is_bad &&
           (type->n_fields > 0 || type->primitive == JFR_PRIM_STRING);
}

/* Leaves `in` behind the last pool. */
static bool pools_are_sound(const struct jfr_survey *s, struct jfr_in *in, uint64_t n_pools)
{
    for (; n_pools > 0 && jfr_in_ok(in); n_pools--) {
        const struct jfr_type *type = jfr_chunk_type(s->chunk, jfr_in_leb(in));
        uint64_t n = jfr_in_leb(in);
        if (!has_pool(type) || n == 0 || n > jfr_in_left(in))
            return false;
        for (; n > 0 && jfr_in_ok(in); n--) {
            jfr_in_leb(in);
            jfr_layout_skip(in, type->layout);
        }
    }
    return jfr_in_ok(in);
}

static bool checkpoint_is_sound(const struct jfr_survey *s, struct jfr_in *in,
                                struct jfr_sound_checkpoint *cp)
{
    const uint8_t *event = in->begin;
    jfr_in_leb(in); /* start ticks */
    jfr_in_leb(in); /* duration */
    cp->at = (uint64_t)(event - s->bytes);
    cp->delta_at = cp->at + jfr_in_at(in);
    cp->delta = (int64_t)jfr_in_leb(in);
    cp->delta_len = (uint32_t)(cp->at + jfr_in_at(in) - cp->delta_at);
    jfr_in_u8(in); /* flags */
    uint64_t n_pools = jfr_in_leb(in);
    cp->has_pools = n_pools > 0;
    if (!jfr_in_ok(in) || !pools_are_sound(s, in, n_pools))
        return false;
    return n_pools == 0 || jfr_in_left(in) == 0; /* a padding may hold anything */
}

struct look {
    uint64_t size, type;
    uint64_t decoded_end; /* where the fields end; 0 = nothing was decoded */
    bool is_framed;
    int64_t ticks;
    struct jfr_sound_checkpoint checkpoint;
};

static bool is_sound(struct jfr_survey *s, uint64_t at, struct look *look)
{
    struct jfr_in in;
    *look = (struct look){0};
    if (at >= s->end)
        return false;
    look->is_framed = frame(s, at, s->end, &in, &look->size, &look->type);
    if (!look->is_framed) {
        /* A size that is too long may still have sound fields behind it. */
        jfr_in_init(&in, s->bytes + at, s->end - at);
        jfr_in_leb(&in);
        look->type = jfr_in_leb(&in);
    }
    s->work += JFR_HEADER_LEN + (look->is_framed ? look->size : 0);
    if (!jfr_in_ok(&in))
        return false;
    if (look->type == JFR_TYPE_METADATA)
        return look->is_framed;
    if (look->type == JFR_TYPE_CHECKPOINT)
        return look->is_framed && checkpoint_is_sound(s, &in, &look->checkpoint);
    const struct jfr_type *type = jfr_chunk_type(s->chunk, look->type);
    if (!type || !type->is_event || type->layout->is_bad)
        return false;
    struct jfr_in start = in;
    look->ticks = type->n_fields > 0 ? (int64_t)jfr_in_leb(&start) : 0;
    jfr_layout_skip(&in, type->layout);
    s->work += jfr_in_at(&in);
    if (!jfr_in_ok(&in))
        return false;
    look->decoded_end = at + jfr_in_at(&in);
    /* The event that is a chunk header has fixed 70 bytes, more than its fields (FORMAT.md §8). */
    return look->is_framed && (jfr_in_left(&in) == 0 || !strcmp(type->name, "profiler.ChunkEdge"));
}

/* The next offset behind a spoilt event at which a sound one begins, or the end. */
static uint64_t resync(struct jfr_survey *s, uint64_t at, const struct look *look,
                       const struct jfr_spoilt *anchors, size_t n_anchors, size_t *anchor)
{
    struct look unused;
    if (look->is_framed && (at + look->size == s->end || is_sound(s, at + look->size, &unused)))
        return at + look->size;
    if (look->decoded_end > at && look->decoded_end < s->end &&
        is_sound(s, look->decoded_end, &unused))
        return look->decoded_end;
    for (; *anchor < n_anchors; ++*anchor)
        if (anchors[*anchor].at > at && is_sound(s, anchors[*anchor].at, &unused))
            return anchors[*anchor].at;
    return s->end;
}

/* At least JFR_SPOILT_MIN bytes, at the cost of sound events behind. */
static uint64_t widen(struct jfr_survey *s, uint64_t at, uint64_t to)
{
    struct look look;
    while (to < s->end && to - at < JFR_SPOILT_MIN) {
        if (!is_sound(s, to, &look))
            return s->end;
        to += look.size;
    }
    return to;
}

static int keep_sound(struct jfr_survey *s, uint64_t at, const struct look *look)
{
    s->has_tail = look->type <= JFR_TYPE_CHECKPOINT && look->size >= TAIL_MIN;
    if (look->type == JFR_TYPE_METADATA) {
        s->has_metadata |= at == s->head.metadata_offset;
        return 0;
    }
    if (look->type != JFR_TYPE_CHECKPOINT) {
        s->n_events++;
        if (look->ticks > s->last_ticks)
            s->last_ticks = look->ticks;
        return 0;
    }
    if (grow((void **)&s->checkpoints, s->n_checkpoints, &s->cap_checkpoints,
             sizeof *s->checkpoints) != 0)
        return -ENOMEM;
    s->checkpoints[s->n_checkpoints++] = look->checkpoint;
    return 0;
}

static int keep_spoilt(struct jfr_survey *s, uint64_t at, uint64_t to)
{
    blame(s, "events or constants in it are damaged");
    if (to >= s->end) {
        s->end = at;
        return 0;
    }
    if (grow((void **)&s->spoilt, s->n_spoilt, &s->cap_spoilt, sizeof *s->spoilt) != 0)
        return -ENOMEM;
    s->spoilt[s->n_spoilt++] = (struct jfr_spoilt){at, to - at};
    s->has_tail = to - at >= TAIL_MIN;
    return 0;
}

static int walk(struct jfr_survey *s, const struct jfr_spoilt *anchors, size_t n_anchors)
{
    size_t anchor = 0;
    for (uint64_t at = JFR_HEADER_LEN; at < s->end;) {
        struct look look;
        int rc;
        if (is_sound(s, at, &look)) {
            rc = keep_sound(s, at, &look);
            at += look.size;
        } else {
            uint64_t to = s->end;
            if (s->work / WORK_FACTOR <= s->end)
                to = widen(s, at, resync(s, at, &look, anchors, n_anchors, &anchor));
            rc = keep_spoilt(s, at, to);
            at = to;
        }
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* --- the chain -------------------------------------------------------------------------------- */

/* Offsets where events are known to begin: those of the chain as far as it leads, and the metadata.
 * By rising offset. */
static int collect_anchors(struct jfr_survey *s, struct jfr_spoilt **out, size_t *n)
{
    size_t cap = 0;
    uint64_t at = s->head.checkpoint_offset, end = s->end, size, type;
    struct jfr_in in;
    bool has_metadata = false;
    *out = NULL;
    *n = 0;
    while (at >= JFR_HEADER_LEN && at < end && frame(s, at, s->end, &in, &size, &type) &&
           type == JFR_TYPE_CHECKPOINT) {
        bool is_behind = at > s->head.metadata_offset;
        if (grow((void **)out, *n + 1, &cap, sizeof **out) != 0)
            return -ENOMEM;
        if (!is_behind && !has_metadata) {
            (*out)[(*n)++].at = s->head.metadata_offset;
            has_metadata = true;
        }
        (*out)[(*n)++].at = at;
        jfr_in_leb(&in);
        jfr_in_leb(&in);
        end = at;
        at += jfr_in_leb(&in);
        if (!jfr_in_ok(&in))
            break;
    }
    if (grow((void **)out, *n, &cap, sizeof **out) != 0)
        return -ENOMEM;
    if (!has_metadata)
        (*out)[(*n)++].at = s->head.metadata_offset;
    for (size_t i = 0; i < *n / 2; i++) {
        struct jfr_spoilt swap = (*out)[i];
        (*out)[i] = (*out)[*n - 1 - i];
        (*out)[*n - 1 - i] = swap;
    }
    return 0;
}

/* The sound checkpoint there, or NULL. */
static const struct jfr_sound_checkpoint *checkpoint_at(const struct jfr_survey *s, uint64_t at)
{
    size_t low = 0, high = s->n_checkpoints;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->checkpoints[mid].at < at)
            low = mid + 1;
        else
            high = mid;
    }
    return low < s->n_checkpoints && s->checkpoints[low].at == at ? &s->checkpoints[low] : NULL;
}

static bool chain_is_sound(const struct jfr_survey *s)
{
    uint64_t at = s->head.checkpoint_offset;
    for (size_t n = 0; n < s->n_checkpoints; n++) {
        const struct jfr_sound_checkpoint *cp = checkpoint_at(s, at);
        if (!cp || cp->delta > 0)
            return false;
        if (cp->delta == 0)
            return true;
        at += (uint64_t)cp->delta;
    }
    return false;
}

static bool has_constants(const struct jfr_survey *s)
{
    for (size_t i = 0; i < s->n_checkpoints; i++)
        if (s->checkpoints[i].has_pools)
            return true;
    return false;
}

/* --- all of it -------------------------------------------------------------------------------- */

static void lose(struct jfr_survey *s, const char *wrong)
{
    s->wrong = wrong;
    s->end = 0;
    s->n_events = s->n_spoilt = 0;
}

static int survey_events(struct jfr_survey *s)
{
    struct jfr_spoilt *anchors;
    size_t n_anchors;
    int rc = collect_anchors(s, &anchors, &n_anchors);
    if (rc == 0)
        rc = walk(s, anchors, n_anchors);
    free(anchors);
    if (rc != 0)
        return rc;
    s->is_chain_sound = chain_is_sound(s);
    if (!s->is_chain_sound)
        blame(s, "its chain of checkpoints is broken");
    if (!s->has_metadata)
        lose(s, "its metadata lies in what is damaged");
    else if (!has_constants(s))
        lose(s, "it has no constants");
    return 0;
}

int jfr_survey_chunk(struct jfr_survey *s, const uint8_t *bytes, uint64_t left)
{
    *s = (struct jfr_survey){.bytes = bytes, .left = left};
    parse_header(s);
    s->end = s->next = extent(s);
    if (s->head.state != 0)
        blame(s, "it was being written");
    int rc = s->end > JFR_HEADER_LEN ? open_chunk(s) : -EBADMSG;
    if (rc == 0)
        rc = survey_events(s);
    else if (rc != -ENOMEM)
        lose(s, "it has no metadata that can be read");
    jfr_chunk_close(s->chunk);
    s->chunk = NULL;
    return rc == -ENOMEM ? rc : 0;
}

void jfr_survey_fini(struct jfr_survey *s)
{
    free(s->spoilt);
    free(s->checkpoints);
    *s = (struct jfr_survey){0};
}
