/* ek_model: what a generated model tells the firmware, and nothing that the firmware must guess.
 *
 * Generated code defines one `const ek_model_t` per model; firmware templates know boards and no
 * model, so they reach the model only through `ek_model_active`.
 */
#ifndef EK_MODEL_H
#define EK_MODEL_H

#include <stdint.h>

#define EK_MAX_RANK 4

typedef struct {
    uint32_t bytes;              /* size of the tensor */
    uint32_t shape[EK_MAX_RANK]; /* without the batch, unused ones 0 */
    float scale;                 /* real = scale * (q - zero_point) */
    int32_t zero_point;
} ek_tensor_info_t;

typedef struct {
    const int8_t *output; /* where the step's output, of several the first, lies once it has run */
    uint32_t output_bytes;
    uint32_t piece_bytes; /* where other values lie between its own: so many of these together, */
    uint32_t piece_stride; /* and the next so many bytes further on. 0: it is all of a piece */
} ek_step_info_t;

typedef struct {
    const char *name;
    uint8_t sha256[32]; /* of the .tflite file */
    ek_tensor_info_t input;
    ek_tensor_info_t output;
    int8_t *input_data;        /* in the arena: overwritten by running */
    const int8_t *output_data; /* in the arena: valid after the last step */
    uint32_t arena_bytes;
    uint32_t step_count;
    const ek_step_info_t *steps;     /* [step_count] */
    void (*run_step)(uint32_t step); /* steps run in order, 0 first, each once per inference */
} ek_model_t;

extern const ek_model_t ek_model_active;

#endif
