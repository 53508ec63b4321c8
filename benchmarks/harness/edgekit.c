/* Counts each step of a model that edgekit generated. */
#define EK_CORES_BY_FIRMWARE
#include "ek_cores.h"
#include "ek_model.h"
#include "harness.h"

/* As the Pico's firmware on one of its cores. */
void ek_run_shares(ek_share_t *run, const void *task) {
    run(task, 0, 1);
}

void harness(void) {
    for (uint32_t step = 0; step < ek_model_active.step_count; step++) {
        const uint32_t start = NOW();
        ek_model_active.run_step(step);
        const uint32_t ticks = NOW() - start;
        say(1, &ticks);
    }
}
