/* write_header.c — the bytes that chunks begin and end with, whatever medium they are written to:
 * header, edge event, padding (FORMAT.md §2, §8). */
#include "jfr/write_internal.h"

/* The bytes "FL" of the next chunk's magic are an event of type 'L', 70 bytes long. */
_Static_assert(JFR_TYPE_CHUNK_EDGE == 'L', "a chunk's magic must be an event of a declared type");

enum { EDGE_SEEN_AT = 'F' - JFR_HEADER_LEN }; /* where in the edge that event ends */

void jfr_header_put(const struct jfr_header *h, uint8_t bytes[JFR_HEADER_LEN])
{
    struct jfr_out out;
    jfr_out_init(&out, bytes, JFR_HEADER_LEN);
    jfr_out_bytes(&out, "FLR", 4);
    jfr_out_be16(&out, 2);
    jfr_out_be16(&out, 1);
    jfr_out_be64(&out, h->size);
    jfr_out_be64(&out, h->checkpoint_at);
    jfr_out_be64(&out, h->metadata_at);
    jfr_out_be64(&out, (uint64_t)h->clock.start_epoch_ns);
    jfr_out_be64(&out, h->duration_ns);
    jfr_out_be64(&out, h->clock.start_ticks);
    jfr_out_be64(&out, h->clock.ticks_per_sec);
    jfr_out_be32(&out, h->flags); /* state 0 = finished, two bytes 0, flags */
}

/* A checkpoint event outside the chain with no pools; what follows up to its size is ignored. */
void jfr_pad_put(struct jfr_out *out, uint64_t len)
{
    static const uint8_t body[] = {JFR_EVENT_CHECKPOINT, 0, 0, 0, 0, 0};
    jfr_out_event_size(out, (uint32_t)len);
    jfr_out_bytes(out, body, sizeof body);
}

/* A checkpoint event that has the head of a padding in its own fields: read from its first byte it
 * is one event of JFR_EDGE_LEN bytes, read from its third the padding. */
void jfr_edge_put(struct jfr_out *out, uint64_t len)
{
    jfr_out_u8(out, JFR_EDGE_LEN);
    jfr_out_u8(out, JFR_EVENT_CHECKPOINT);
    jfr_pad_put(out, len - JFR_HEADER_LEN - EDGE_SEEN_AT);
}
