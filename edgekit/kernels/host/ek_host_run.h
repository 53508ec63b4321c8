/* ek_host_run: a model as a list of kernel calls, over many images. */
#ifndef EK_HOST_RUN_H
#define EK_HOST_RUN_H

#include <stdint.h>
#include <string.h>

typedef struct {
    void (*kernel)(const int32_t *values, void *const *arguments);
    const int32_t *values;
    void *const *arguments;
} ek_host_call_t;

typedef struct {
    void *place; /* in the memory that the calls share */
    uint64_t bytes;
} ek_host_end_t;

/* Not inlined anywhere: called from Python, several threads at a time, each with its own memory. */
void ek_host_run(const ek_host_call_t *calls, uint64_t count, ek_host_end_t input,
                 ek_host_end_t output, const int8_t *in, int8_t *out, uint64_t images)
{
    for (uint64_t image = 0; image < images; image++) {
        memcpy(input.place, in + image * input.bytes, input.bytes);
        for (uint64_t call = 0; call < count; call++)
            calls[call].kernel(calls[call].values, calls[call].arguments);
        memcpy(out + image * output.bytes, output.place, output.bytes);
    }
}

#endif
