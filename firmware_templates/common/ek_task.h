/* ek_task: the model as a benchmark task: input as bytes come from the runner, results as numbers.
 *
 * Results are those of the first run since the input was loaded: a run may lay its output over the
 * input, so later ones, which are only timed, compute something else.
 */
#ifndef EK_TASK_H
#define EK_TASK_H

#include <stdint.h>

/* vww01, ic01, kws01 or ad01 where the model has that task's shapes, else the model's own name. */
const char *ek_task_name(void);

/* How many bytes the runner sends for one input. */
uint32_t ek_task_input_bytes(void);

/* Makes ready for `bytes` of input; returns 0, and does nothing, when that is too many. */
int ek_task_begin(uint32_t bytes);

/* Takes the next byte; none after ek_task_is_loaded(). */
void ek_task_store(uint8_t byte);

/* Whether all bytes that ek_task_begin announced are there; true before the first. */
int ek_task_is_loaded(void);

/* Runs the model once. */
void ek_task_run(void);

/* The results of the first run since the input changed; none before it, and none of an output too
 * large for a line. */
int ek_task_has_results(void);
uint32_t ek_task_result_count(void);
float ek_task_result(uint32_t index);

#endif
