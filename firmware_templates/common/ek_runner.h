/* ek_runner: runs the model once and remembers what came of it. */
#ifndef EK_RUNNER_H
#define EK_RUNNER_H

#include <stdint.h>

#define EK_RUN_PROFILE 1U  /* cycles per step */
#define EK_RUN_CHECKSUM 2U /* CRC-32 of each step's output */
#define EK_RUN_STALE 4U    /* on whatever the input holds: for timing only */

typedef struct {
    uint32_t cycles; /* 0 without EK_RUN_PROFILE */
    uint32_t output_crc; /* 0 without EK_RUN_CHECKSUM */
} ek_step_record_t;

typedef struct {
    uint32_t run;
    uint32_t output_crc;
    uint64_t cycles; /* of all steps; without what checksums took */
    uint8_t flags;
    uint8_t valid; /* there is a last run */
} ek_run_record_t;

extern ek_run_record_t ek_last_run;

/* Forgets the last run: its output is no longer to be read. To be called before the input is
 * written to. */
void ek_runner_forget(void);

/* How often a run was forgotten, or begun: when this differs, so may the input. */
uint32_t ek_runner_input_changes(void);

/* Runs every step on the input buffer. Returns 0 when there is no room to record the steps. */
int ek_runner_run(uint32_t run, uint8_t flags);

/* What was recorded of one step of the last run; `step` < the model's step_count. */
const ek_step_record_t *ek_runner_step(uint32_t step);

#endif
