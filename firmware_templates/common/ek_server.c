#include "ek_server.h"

#include <stddef.h>
#include <string.h>

#include "ek_config.h"
#include "ek_frame.h"
#include "ek_hal.h"
#include "ek_model.h"
#include "ek_runner.h"
#include "ek_stack.h"
#include "ek_wire.h"

#define VERSION 1U
#define CHUNK_MAX 480U
#define STEPS_PER_REPLY 40U
#define REPLY 0x80U

enum {
    HELLO = 1,
    WRITE_INPUT,
    INFER,
    READ_OUTPUT,
    READ_STEPS,
    MEMORY,
    RESET,
    THREADS = 9, /* 8 is for boards that run Linux */
    CRASH,
    ERROR = 0xFF
};

enum {
    UNKNOWN_TYPE = 1,
    WRONG_LENGTH,
    OUT_OF_RANGE,
    INPUT_CRC_DIFFERS,
    NO_SUCH_RUN,
    VERSION_NOT_SPOKEN,
    INFERENCE_FAILED,
    FAULT,
    WATCHDOG
};

static ek_frame_receiver_t receiver;
static uint8_t reply[EK_PAYLOAD_MAX + EK_CRC_BYTES]; /* type, sequence, body, room for the CRC */
static uint8_t sequence;                             /* of the request being served */

/* A handler gets a request's body and writes its reply's. It returns the end of what it wrote, or
 * the result of fail(). */
typedef uint8_t *handler_t(const uint8_t *body, uint32_t length, uint8_t *out);

static uint8_t *fail(uint8_t code, uint32_t detail) {
    reply[0] = ERROR;
    reply[2] = code;
    return ek_put_u32(reply + 3, detail);
}

/* Whether [offset, offset + length) lies within `size`; no sum that could wrap. */
static int within(uint32_t offset, uint32_t length, uint32_t size) {
    return offset <= size && length <= size - offset;
}

static int is_last_run(uint32_t run) {
    return ek_last_run.valid && ek_last_run.run == run;
}

static uint8_t *put_tensor(uint8_t *out, const ek_tensor_info_t *tensor) {
    uint32_t scale_bits;
    memcpy(&scale_bits, &tensor->scale, sizeof scale_bits);
    out = ek_put_u32(out, tensor->bytes);
    for (int i = 0; i < EK_MAX_RANK; i++) {
        out = ek_put_u32(out, tensor->shape[i]);
    }
    out = ek_put_u32(out, scale_bits);
    return ek_put_u32(out, (uint32_t)tensor->zero_point);
}

static uint8_t *hello(const uint8_t *body, uint32_t length, uint8_t *out) {
    if (length != 2U) {
        return fail(WRONG_LENGTH, length);
    }
    if (ek_get_u16(body) != VERSION) {
        return fail(VERSION_NOT_SPOKEN, VERSION);
    }
    out = ek_put_u16(out, VERSION);
    out = ek_put_u32(out, ek_hal_boot_id());
    out = ek_put_u32(out, ek_hal_clock_hz());
    out = ek_put_text(out, EK_BOARD, 24);
    out = ek_put_text(out, EK_CORE, 16);
    out = ek_put_text(out, EK_COMPILER, 32);
    out = ek_put_text(out, EK_RUNTIME, 8);
    out = ek_put_text(out, ek_model_active.name, 32);
    memcpy(out, ek_model_active.sha256, sizeof ek_model_active.sha256);
    out += sizeof ek_model_active.sha256;
    out = put_tensor(out, &ek_model_active.input);
    out = put_tensor(out, &ek_model_active.output);
    out = ek_put_u16(out, (uint16_t)ek_model_active.step_count);
    return ek_put_u32(out, ek_model_active.arena_bytes);
}

static uint8_t *write_input(const uint8_t *body, uint32_t length, uint8_t *out) {
    if (length < 4U || length - 4U > CHUNK_MAX) {
        return fail(WRONG_LENGTH, length);
    }
    uint32_t offset = ek_get_u32(body);
    uint32_t count = length - 4U;
    if (!within(offset, count, ek_model_active.input.bytes)) {
        return fail(OUT_OF_RANGE, ek_model_active.input.bytes);
    }
    ek_runner_forget(); /* the arena may lay the output over the input */
    memcpy(ek_model_active.input_data + offset, body + 4, count);
    return ek_put_u16(ek_put_u32(out, offset), (uint16_t)count);
}

static uint32_t input_crc(void) {
    return ek_crc32(0, ek_model_active.input_data, ek_model_active.input.bytes);
}

static uint8_t *infer(const uint8_t *body, uint32_t length, uint8_t *out) {
    if (length != 9U) {
        return fail(WRONG_LENGTH, length);
    }
    uint32_t run = ek_get_u32(body);
    uint8_t flags = body[8];
    if (!is_last_run(run)) { /* a resend gets the same answer: running has eaten the input */
        uint32_t meant = flags & EK_RUN_STALE ? ek_hal_boot_id() : input_crc();
        if (meant != ek_get_u32(body + 4)) {
            return fail(INPUT_CRC_DIFFERS, meant);
        }
        if (!ek_runner_run(run, flags)) {
            return fail(INFERENCE_FAILED, 0);
        }
    }
    out = ek_put_u32(out, run);
    out = ek_put_u32(out, ek_hal_boot_id());
    out = ek_put_u64(out, ek_last_run.cycles);
    return ek_put_u32(out, ek_last_run.output_crc);
}

static uint8_t *read_output(const uint8_t *body, uint32_t length, uint8_t *out) {
    if (length != 10U) {
        return fail(WRONG_LENGTH, length);
    }
    uint32_t run = ek_get_u32(body);
    uint32_t offset = ek_get_u32(body + 4);
    uint32_t count = ek_get_u16(body + 8);
    if (!is_last_run(run) || (ek_last_run.flags & EK_RUN_STALE)) {
        return fail(NO_SUCH_RUN, run);
    }
    if (count > CHUNK_MAX || !within(offset, count, ek_model_active.output.bytes)) {
        return fail(OUT_OF_RANGE, ek_model_active.output.bytes);
    }
    out = ek_put_u32(ek_put_u32(out, run), offset);
    memcpy(out, ek_model_active.output_data + offset, count);
    return out + count;
}

static uint8_t *read_steps(const uint8_t *body, uint32_t length, uint8_t *out) {
    if (length != 6U) {
        return fail(WRONG_LENGTH, length);
    }
    uint32_t run = ek_get_u32(body);
    uint32_t first = ek_get_u16(body + 4);
    uint32_t count = ek_model_active.step_count;
    if (!is_last_run(run) || !(ek_last_run.flags & (EK_RUN_PROFILE | EK_RUN_CHECKSUM))) {
        return fail(NO_SUCH_RUN, run);
    }
    if (first >= count) {
        return fail(OUT_OF_RANGE, count);
    }
    out = ek_put_u16(ek_put_u32(out, run), (uint16_t)first);
    for (uint32_t i = first; i < count && i - first < STEPS_PER_REPLY; i++) {
        const ek_step_record_t *step = ek_runner_step(i);
        out = ek_put_u32(ek_put_u32(out, step->cycles), step->output_crc);
    }
    return out;
}

static uint8_t *memory(const uint8_t *body, uint32_t length, uint8_t *out) {
    (void)body;
    if (length != 0U) {
        return fail(WRONG_LENGTH, length);
    }
    out = ek_put_u32(out, ek_hal_static_bytes());
    out = ek_put_u32(out, ek_stack_bytes());
    out = ek_put_u32(out, ek_stack_used());
    return ek_put_u32(out, ek_model_active.arena_bytes);
}

static uint8_t *reset(const uint8_t *body, uint32_t length, uint8_t *out) {
    if (length != 1U) {
        return fail(WRONG_LENGTH, length);
    }
    return body[0] > EK_RESET_BOOTLOADER ? fail(OUT_OF_RANGE, EK_RESET_BOOTLOADER) : out;
}

__attribute__((weak)) int ek_hal_use_cores(uint32_t count) {
    return count == 1U;
}

/* Which of several threads is a core here. */
static uint8_t *threads(const uint8_t *body, uint32_t length, uint8_t *out) {
    if (length != 1U) {
        return fail(WRONG_LENGTH, length);
    }
    if (!ek_hal_use_cores(body[0])) {
        return fail(OUT_OF_RANGE, body[0]);
    }
    ek_runner_forget();
    *out = body[0];
    return out + 1;
}

static uint8_t *put_crash(uint8_t *out, const ek_crash_t *crash) {
    out = ek_put_u32(out, crash->step);
    out = ek_put_u32(out, crash->pc);
    out = ek_put_u32(out, crash->lr);
    return ek_put_u32(out, crash->status);
}

static uint8_t *crash(const uint8_t *body, uint32_t length, uint8_t *out) {
    (void)body;
    if (length != 0U) {
        return fail(WRONG_LENGTH, length);
    }
    const ek_crash_t last = ek_crash_last();
    *out = (uint8_t)last.cause;
    return put_crash(out + 1, &last);
}

static handler_t *const handlers[] = {
    [HELLO] = hello,
    [WRITE_INPUT] = write_input,
    [INFER] = infer,
    [READ_OUTPUT] = read_output,
    [READ_STEPS] = read_steps,
    [MEMORY] = memory,
    [RESET] = reset,
    [THREADS] = threads,
    [CRASH] = crash,
};

static void send(const uint8_t *end) {
    ek_frame_send(reply, (uint32_t)(end - reply));
}

static void serve(const uint8_t *request, uint32_t length) {
    uint8_t type = request[0];
    sequence = request[1];
    reply[0] = type | REPLY;
    reply[1] = sequence;
    if (type >= sizeof handlers / sizeof handlers[0] || !handlers[type]) {
        send(fail(UNKNOWN_TYPE, type));
        return;
    }
    send(handlers[type](request + 2, length - 2U, reply + 2));
    if (type == RESET && reply[0] == (RESET | REPLY)) {
        const ek_crash_t wish = {.cause = EK_CAUSE_REQUEST, .step = EK_NO_STEP};
        ek_crash_keep(&wish);
        ek_hal_flush();
        ek_hal_reset(request[2]);
    }
}

int ek_server_byte(uint8_t byte) {
    uint32_t length = ek_frame_feed(&receiver, byte);
    if (length < 2U) { /* no message: dropped like noise */
        return 0;
    }
    serve(receiver.bytes, length);
    return 1;
}

void ek_server_fault(const ek_crash_t *crash) {
    ek_hal_put(0); /* ends the frame that the fault may have cut in two */
    reply[1] = sequence;
    uint8_t *more = fail(crash->cause == EK_CAUSE_WATCHDOG ? WATCHDOG : FAULT, crash->pc);
    send(put_crash(more, crash));
    ek_hal_flush();
}
