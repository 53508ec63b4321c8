#include "ek_runner.h"

#include "ek_config.h"
#include "ek_crash.h"
#include "ek_frame.h"
#include "ek_hal.h"
#include "ek_model.h"

ek_run_record_t ek_last_run;
static ek_step_record_t steps[EK_MAX_STEPS];

static uint32_t input_changes;

void ek_runner_forget(void) {
    ek_last_run.valid = 0;
    input_changes++;
}

uint32_t ek_runner_input_changes(void) {
    return input_changes;
}

const ek_step_record_t *ek_runner_step(uint32_t step) {
    return &steps[step];
}

/* Nothing but the steps, and what watches over them, between the two readings of the counter. */
static uint64_t run_plain(void) {
    uint64_t start = ek_hal_cycles();
    for (uint32_t step = 0; step < ek_model_active.step_count; step++) {
        ek_crash_enter(step);
        ek_model_active.run_step(step);
    }
    return ek_hal_cycles() - start;
}

/* Of the output's own bytes, whatever lies between them. */
static uint32_t output_crc(const ek_step_info_t *info) {
    const uint32_t size = info->piece_bytes ? info->piece_bytes : info->output_bytes;
    const int8_t *piece = info->output;
    uint32_t crc = 0;
    for (uint32_t done = 0; done < info->output_bytes; done += size) {
        crc = ek_crc32(crc, piece, size);
        piece += info->piece_stride;
    }
    return crc;
}

/* The sum over steps: reading the counter costs some cycles in each, checksums cost none. */
static uint64_t run_recorded(uint8_t flags) {
    uint64_t total = 0;
    for (uint32_t step = 0; step < ek_model_active.step_count; step++) {
        ek_crash_enter(step);
        uint64_t start = ek_hal_cycles();
        ek_model_active.run_step(step);
        uint64_t cycles = ek_hal_cycles() - start;
        total += cycles;
        const ek_step_info_t *info = &ek_model_active.steps[step];
        uint32_t shown = cycles > UINT32_MAX ? UINT32_MAX : (uint32_t)cycles;
        steps[step].cycles = (flags & EK_RUN_PROFILE) ? shown : 0;
        steps[step].output_crc =
            (flags & EK_RUN_CHECKSUM) ? output_crc(info) : 0;
    }
    return total;
}

int ek_runner_run(uint32_t run, uint8_t flags) {
    ek_runner_forget();
    uint8_t recorded = flags & (EK_RUN_PROFILE | EK_RUN_CHECKSUM);
    if (recorded && ek_model_active.step_count > EK_MAX_STEPS) {
        return 0;
    }
    ek_last_run.cycles = recorded ? run_recorded(flags) : run_plain();
    ek_crash_enter(EK_NO_STEP);
    ek_last_run.output_crc =
        ek_crc32(0, ek_model_active.output_data, ek_model_active.output.bytes);
    ek_last_run.run = run;
    ek_last_run.flags = flags;
    ek_last_run.valid = 1;
    return 1;
}
