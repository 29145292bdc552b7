/* frame.h — one frame of a stack on its way from the walker to the recording. */
#ifndef BASE_FRAME_H
#define BASE_FRAME_H

#include <stdint.h>

/* The ids of jdk.types.FrameType in our recordings (jfr/schema.h has the names). */
enum frame_type {
    FRAME_INTERPRETED = 0,
    FRAME_JIT_COMPILED = 1,
    FRAME_INLINED = 2,
    FRAME_NATIVE = 3, /* from the walker: a Java native method (id is a method id) */
    FRAME_CPP = 4, /* from the walker: any native code (id is a code address); the recorder writes
                      it as C++ or Native, by its symbol */
    FRAME_KERNEL = 5,
    FRAME_C1_COMPILED = 6,
    FRAME_FAILED =
        7, /* never in a file: id is an enum walk_status, the marker frame of a broken stack */
};

struct frame {
    uint64_t id;   /* Java: Method* from the walker, then method id (store/method_dict.h);
                      FRAME_CPP, FRAME_KERNEL: code address */
    int32_t bci;   /* bytecode index, -1 unknown; 0 for native frames */
    uint32_t type; /* enum frame_type */
};

#endif
