#include "ek_task.h"

#include <string.h>

#include "ek_config.h"
#include "ek_model.h"
#include "ek_runner.h"

/* EK_TASK_INPUT: what the runner's bytes are. */
#define INT8_INPUT 0
#define UINT8_INPUT 1
#define FLOAT_INPUT 2

#define RUN_ID 0xFFFFFFFFU

static uint32_t expected;
static uint32_t stored;
static uint32_t seen_changes; /* of the input, when `results` were taken */
static uint8_t has_results;

static void keep_results(void);
static void put(uint32_t at, uint8_t byte);

const char *ek_task_name(void) {
    return EK_TASK[0] == '\0' ? ek_model_active.name : EK_TASK;
}

uint32_t ek_task_input_bytes(void) {
    return ek_model_active.input.bytes * (EK_TASK_INPUT == FLOAT_INPUT ? 4U : 1U);
}

int ek_task_begin(uint32_t bytes) {
    if (bytes > ek_task_input_bytes()) {
        return 0;
    }
    ek_runner_forget();
    expected = bytes;
    stored = 0;
    return 1;
}

int ek_task_is_loaded(void) {
    return stored == expected;
}

void ek_task_store(uint8_t byte) {
    put(stored++, byte);
}

void ek_task_run(void) {
    int first = !ek_task_has_results();
    (void)ek_runner_run(RUN_ID, EK_RUN_STALE);
    if (first) {
        keep_results();
        has_results = 1;
    }
    ek_runner_forget(); /* its output is not for READ_OUTPUT */
    seen_changes = ek_runner_input_changes();
}

int ek_task_has_results(void) {
    return has_results && seen_changes == ek_runner_input_changes() &&
           EK_OUTPUT_BYTES <= EK_TASK_OUTPUT_MAX;
}

#if EK_TASK_INPUT == FLOAT_INPUT

/* Anomaly detection: the result is how far the autoencoder's output lies from the input. */
static union {
    uint8_t bytes[EK_INPUT_BYTES * 4U];
    float values[EK_INPUT_BYTES];
} given;
static float distance;

/* q = round(value / scale) + zero point, half away from zero, into int8. */
static int8_t quantize(float value) {
    float scaled = value / ek_model_active.input.scale;
    float limit = scaled > 300.0F ? 300.0F : scaled < -300.0F ? -300.0F : scaled;
    int32_t q = (int32_t)(limit + (limit < 0.0F ? -0.5F : 0.5F)) + ek_model_active.input.zero_point;
    return (int8_t)(q > 127 ? 127 : q < -128 ? -128 : q);
}

static void put(uint32_t at, uint8_t byte) {
    given.bytes[at] = byte;
    if (at % 4U == 3U) {
        ek_model_active.input_data[at / 4U] = quantize(given.values[at / 4U]);
    }
}

static void keep_results(void) {
    float sum = 0.0F;
    for (uint32_t i = 0; i < EK_OUTPUT_BYTES; i++) {
        int32_t q = ek_model_active.output_data[i] - ek_model_active.output.zero_point;
        float difference = (float)q * ek_model_active.output.scale - given.values[i];
        sum += difference * difference;
    }
    distance = sum / (float)EK_OUTPUT_BYTES;
}

uint32_t ek_task_result_count(void) {
    return 1;
}

float ek_task_result(uint32_t index) {
    (void)index;
    return distance;
}

#else

static int8_t results[EK_OUTPUT_BYTES <= EK_TASK_OUTPUT_MAX ? EK_OUTPUT_BYTES : 1U];

static void put(uint32_t at, uint8_t byte) {
    ek_model_active.input_data[at] = (int8_t)(EK_TASK_INPUT == UINT8_INPUT ? byte ^ 0x80U : byte);
}

static void keep_results(void) {
    memcpy(results, ek_model_active.output_data, sizeof results);
}

uint32_t ek_task_result_count(void) {
    return EK_OUTPUT_BYTES;
}

float ek_task_result(uint32_t index) {
    int32_t q = results[index] - ek_model_active.output.zero_point;
    return (float)q * ek_model_active.output.scale;
}

#endif
