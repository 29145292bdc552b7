/* repair.c — a damaged recording into a sound one (repair.h): finds the chunks, copies what
 * repair_chunk.c found sound in each, and sets right what was not. */
#include "jfr/repair.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jfr/read_file.h"
#include "jfr/repair_chunk.h"

enum {
    COPY_MAX = 1 << 20,
    FLAGS_AT = 67,
    FLAG_COMPRESSED = 1,
    FLAG_FINAL = 2,
    ONE_BYTE_MAX = 127, /* LEB128 */
    TAIL_LEN = 68,
    NANOS_PER_SEC = 1000000000,
};

struct repair {
    const uint8_t *bytes;
    uint64_t len;
    struct jfr_sink *out;
    uint64_t out_len;
    uint64_t last_chunk; /* in out */
    uint8_t last_flags;
    int64_t last_start_ns;
    jfr_repair_report report;
    void *arg;
    struct jfr_repair_summary sum;
};

static int put(struct repair *r, uint64_t at, const void *bytes, size_t n)
{
    return r->out->ops->write_at(r->out, at, bytes, n);
}

/* --- one chunk -------------------------------------------------------------------------------- */

static int copy(struct repair *r, const uint8_t *bytes, uint64_t n)
{
    int rc = 0;
    for (uint64_t done = 0; done < n && rc == 0; done += COPY_MAX)
        rc = put(r, r->out_len + done, bytes + done,
                 n - done < COPY_MAX ? (size_t)(n - done) : COPY_MAX);
    return rc;
}

/* A padding of any length from JFR_SPOILT_MIN on, as far as an event can be long: longer ones are
 * several. */
static int put_padding(struct repair *r, uint64_t at, uint64_t len)
{
    static const uint8_t body[] = {JFR_TYPE_CHECKPOINT, 0, 0, 0, 0, 0};
    while (len > 0) {
        uint64_t n = len > JFR_EVENT_SIZE_MAX ? JFR_EVENT_SIZE_MAX / 2 : len;
        uint8_t bytes[JFR_EVENT_SIZE_LEN + sizeof body];
        struct jfr_out out;
        jfr_out_init(&out, bytes, sizeof bytes);
        if (n <= ONE_BYTE_MAX)
            jfr_out_u8(&out, (uint8_t)n);
        else
            jfr_out_event_size(&out, (uint32_t)n);
        jfr_out_bytes(&out, body, sizeof body);
        int rc = put(r, at, bytes, jfr_out_len(&out));
        if (rc != 0)
            return rc;
        at += n;
        len -= n;
    }
    return 0;
}

/* v in as many bytes as the field has; false when it needs more. */
static bool put_leb_padded(uint8_t *bytes, uint32_t len, uint64_t v)
{
    for (uint32_t i = 0; i < len; i++, v >>= 7) {
        if (i == JFR_LEB_MAX - 1) {
            bytes[i] = (uint8_t)v;
            return true;
        }
        bytes[i] = (uint8_t)((v & 0x7f) | (i + 1 < len ? 0x80 : 0));
    }
    return v == 0;
}

/* One chain of all checkpoints with constants. *last becomes the last one's offset. A checkpoint
 * whose delta can't be changed in place has to be left out. */
static int join_chain(struct repair *r, const struct jfr_survey *s, uint64_t *last)
{
    *last = 0;
    for (size_t i = 0; i < s->n_checkpoints; i++) {
        const struct jfr_sound_checkpoint *cp = &s->checkpoints[i];
        uint8_t delta[16];
        if (!cp->has_pools || cp->delta_len > JFR_LEB_MAX ||
            !put_leb_padded(delta, cp->delta_len, *last ? *last - cp->at : 0))
            continue;
        int rc = put(r, r->out_len + cp->delta_at, delta, cp->delta_len);
        if (rc != 0)
            return rc;
        *last = cp->at;
    }
    return 0;
}

/* Duration of a chunk whose header was never filled in: up to the last event. */
static int64_t duration_ns(const struct jfr_survey *s)
{
    __int128 ticks = (__int128)s->last_ticks - s->head.start_ticks;
    __int128 ns = ticks * NANOS_PER_SEC / s->head.ticks_per_sec;
    if (s->head.duration_ns > 0 || ns < 0)
        return s->head.duration_ns > 0 ? s->head.duration_ns : 0;
    return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

static int put_header(struct repair *r, struct jfr_survey *s, uint64_t size, uint64_t checkpoint_at)
{
    uint8_t bytes[JFR_HEADER_LEN];
    struct jfr_out out;
    r->last_flags = (uint8_t)((s->head.flags & ~FLAG_FINAL) | FLAG_COMPRESSED);
    jfr_out_init(&out, bytes, sizeof bytes);
    jfr_out_bytes(&out, s->bytes, 8); /* magic, version */
    jfr_out_be64(&out, size);
    jfr_out_be64(&out, checkpoint_at);
    jfr_out_be64(&out, s->head.metadata_offset);
    jfr_out_be64(&out, (uint64_t)s->head.start_ns);
    jfr_out_be64(&out, (uint64_t)duration_ns(s));
    jfr_out_be64(&out, (uint64_t)s->head.start_ticks);
    jfr_out_be64(&out, s->head.ticks_per_sec);
    jfr_out_be32(&out, r->last_flags); /* state 0, two bytes 0 */
    return put(r, r->out_len, bytes, sizeof bytes);
}

/* Readers drop a chunk that doesn't start later than the one before. */
static void raise_start(struct repair *r, struct jfr_survey *s)
{
    if (r->sum.n_chunks_kept > 0 && s->head.start_ns <= r->last_start_ns) {
        s->head.start_ns = r->last_start_ns + 1;
        s->wrong = s->wrong ? s->wrong : "it doesn't start later than the chunk before";
    }
    r->last_start_ns = s->head.start_ns;
}

static int save_chunk(struct repair *r, struct jfr_survey *s)
{
    uint64_t size = s->end, checkpoint_at = s->head.checkpoint_offset;
    int rc = copy(r, s->bytes, s->end);
    for (size_t i = 0; i < s->n_spoilt && rc == 0; i++)
        rc = put_padding(r, r->out_len + s->spoilt[i].at, s->spoilt[i].len);
    if (rc == 0 && !s->is_chain_sound)
        rc = join_chain(r, s, &checkpoint_at);
    if (rc == 0 && s->wrong && !s->has_tail) {
        rc = put_padding(r, r->out_len + size, TAIL_LEN);
        size += TAIL_LEN;
        if (rc == 0)
            rc = r->out->ops->set_length(r->out, r->out_len + size);
    }
    if (rc == 0)
        rc = put_header(r, s, size, checkpoint_at);
    r->last_chunk = r->out_len;
    r->out_len += size;
    return rc;
}

/* --- all chunks ------------------------------------------------------------------------------- */

static void tell(struct repair *r, const struct jfr_repair_chunk *chunk)
{
    r->sum.n_chunks_kept += chunk->bytes_kept > 0;
    r->sum.n_chunks_mended += chunk->bytes_kept > 0 && chunk->wrong;
    r->sum.n_chunks_lost += chunk->bytes_kept == 0;
    r->sum.bytes_in += chunk->bytes_in;
    r->sum.bytes_kept += chunk->bytes_kept;
    r->sum.n_events += chunk->n_events;
    if (r->report)
        r->report(r->arg, chunk);
}

static uint64_t find_header(const struct repair *r, uint64_t at)
{
    while (at < r->len) {
        const uint8_t *p = memmem(r->bytes + at, (size_t)(r->len - at), "FLR\0\0\2", 6);
        if (!p)
            break;
        at = (uint64_t)(p - r->bytes);
        if (jfr_survey_is_header(p, r->len - at))
            return at;
        at++;
    }
    return r->len;
}

static int mend_chunk(struct repair *r, uint64_t *at)
{
    struct jfr_survey s;
    struct jfr_repair_chunk chunk = {.offset = *at};
    int rc = jfr_survey_chunk(&s, r->bytes + *at, r->len - *at);
    if (rc == 0 && s.end > 0) {
        raise_start(r, &s);
        rc = save_chunk(r, &s);
    }
    chunk.bytes_in = s.next;
    chunk.bytes_kept = s.end;
    for (size_t i = 0; i < s.n_spoilt; i++)
        chunk.bytes_kept -= s.spoilt[i].len;
    chunk.n_events = s.n_events;
    chunk.n_spoilt = s.n_spoilt;
    chunk.wrong = s.wrong;
    *at += s.next;
    jfr_survey_fini(&s);
    if (rc == 0)
        tell(r, &chunk);
    return rc;
}

static int mend_all(struct repair *r)
{
    for (uint64_t at = 0; at < r->len;) {
        uint64_t from = at;
        at = find_header(r, at);
        if (at > from)
            tell(r, &(struct jfr_repair_chunk){
                        .offset = from, .bytes_in = at - from, .wrong = "no chunk begins there"});
        int rc = at < r->len ? mend_chunk(r, &at) : 0;
        if (rc != 0)
            return rc;
    }
    if (r->sum.n_chunks_kept == 0)
        return -EBADMSG;
    r->last_flags |= FLAG_FINAL;
    return put(r, r->last_chunk + FLAGS_AT, &r->last_flags, 1);
}

int jfr_repair(const void *bytes, size_t len_bytes, struct jfr_sink *out, jfr_repair_report report,
               void *arg, struct jfr_repair_summary *summary, struct jfr_err *err)
{
    struct repair r = {.bytes = bytes, .len = len_bytes, .out = out, .report = report, .arg = arg};
    int rc = mend_all(&r);
    int closed = out->ops->close(out, rc != 0);
    if (summary)
        *summary = r.sum;
    if (rc == -EBADMSG)
        return jfr_err_set(err, rc, "there is nothing in it that can be saved");
    rc = rc ? rc : closed;
    return rc ? jfr_err_set(err, rc, "can't write the repaired recording: %s", strerror(-rc)) : 0;
}

/* --- files ------------------------------------------------------------------------------------ */

static bool is_same_file(const char *a, const char *b)
{
    struct stat sa, sb;
    return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
           sa.st_ino == sb.st_ino;
}

int jfr_repair_file(const char *in_path, const char *out_path, jfr_repair_report report, void *arg,
                    struct jfr_repair_summary *summary, struct jfr_err *err)
{
    struct jfr_file in;
    struct jfr_mapping m = {0};
    struct jfr_sink *out;
    if (summary)
        *summary = (struct jfr_repair_summary){0};
    if (is_same_file(in_path, out_path))
        return jfr_err_set(err, -EINVAL, "%s can't be repaired into itself", in_path);
    int rc = jfr_file_open_raw(&in, in_path, err);
    if (rc != 0)
        return rc;
    rc = in.size > 0 ? jfr_file_map(&in, 0, (size_t)in.size, &m) : -EBADMSG;
    if (rc != 0)
        jfr_err_set(err, rc, rc == -EBADMSG ? "the file is empty" : "can't map the file");
    if (rc == 0)
        rc = jfr_sink_file_open(&out, out_path, err);
    if (rc == 0)
        rc = jfr_repair(m.bytes, (size_t)in.size, out, report, arg, summary, err);
    jfr_file_unmap(&m);
    close(in.fd);
    return rc;
}
