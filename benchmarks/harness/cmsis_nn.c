/* Counts CMSIS-NN's call for each layer, made as TensorFlow Lite Micro makes it, and compares what it
 * gives. Says of each layer: ticks, status, wrong bytes. */
#include <string.h>

#include "arm_nnfunctions.h"
#include "arm_nnsupportfunctions.h"
#include "harness.h"
#include "layer.h"

#define HEADROOM 20 /* of ADD, as TFLM gives it */
#define OUTPUT_BYTES 0x10000
#define SCRATCH_BYTES 0x18000

extern const int32_t layer_count;
extern const layer_t layers[];

static int8_t output[OUTPUT_BYTES] __attribute__((aligned(16)));
static int8_t scratch[SCRATCH_BYTES] __attribute__((aligned(16)));
static const cmsis_nn_context context = {scratch, SCRATCH_BYTES};

/* An array of a layer. CMSIS-NN's structures take some without const. */
static void *array(int32_t offset) {
    return offset ? (void *)(uintptr_t)((const int8_t *)layers + offset) : NULL;
}

static cmsis_nn_dims input_of(const layer_t *l) {
    return (cmsis_nn_dims){l->rows, l->in_h, l->in_w, l->in_ch};
}

static cmsis_nn_dims output_of(const layer_t *l) {
    return (cmsis_nn_dims){l->rows, l->out_h, l->out_w, l->out_ch};
}

static cmsis_nn_per_channel_quant_params factors_of(const layer_t *l) {
    return (cmsis_nn_per_channel_quant_params){array(l->multiplier), array(l->shift)};
}

static arm_cmsis_nn_status conv_2d(const layer_t *l, uint32_t *ticks) {
    const cmsis_nn_conv_params how = {
        l->first_offset, l->output_offset, {l->stride_w, l->stride_h}, {l->pad_w, l->pad_h},
        {l->dilation_w, l->dilation_h}, {l->output_min, l->output_max}};
    const cmsis_nn_per_channel_quant_params factors = factors_of(l);
    const cmsis_nn_dims in = input_of(l), out = output_of(l), bias = {1, 1, 1, l->out_ch};
    const cmsis_nn_dims filter = {l->out_ch, l->kernel_h, l->kernel_w, l->kernel_ch};
    const uint32_t start = NOW();
    const arm_cmsis_nn_status status =
        arm_convolve_wrapper_s8(&context, &how, &factors, &in, array(l->first), &filter,
                                array(l->weights), &bias, array(l->bias), &out, output);
    *ticks = NOW() - start;
    return status;
}

static arm_cmsis_nn_status depthwise_conv_2d(const layer_t *l, uint32_t *ticks) {
    const cmsis_nn_dw_conv_params how = {
        l->first_offset, l->output_offset, l->depth_multiplier, {l->stride_w, l->stride_h},
        {l->pad_w, l->pad_h}, {l->dilation_w, l->dilation_h}, {l->output_min, l->output_max}};
    const cmsis_nn_per_channel_quant_params factors = factors_of(l);
    const cmsis_nn_dims in = input_of(l), out = output_of(l), bias = {1, 1, 1, l->out_ch};
    const cmsis_nn_dims filter = {1, l->kernel_h, l->kernel_w, l->out_ch};
    const uint32_t start = NOW();
    const arm_cmsis_nn_status status =
        arm_depthwise_conv_wrapper_s8(&context, &how, &factors, &in, array(l->first), &filter,
                                      array(l->weights), &bias, array(l->bias), &out, output);
    *ticks = NOW() - start;
    return status;
}

static arm_cmsis_nn_status fully_connected(const layer_t *l, uint32_t *ticks) {
    const cmsis_nn_fc_params how = {
        l->first_offset, 0, l->output_offset, {l->output_min, l->output_max}};
    const cmsis_nn_quant_params factors = {array(l->multiplier), array(l->shift), l->per_channel};
    const cmsis_nn_dims in = {l->rows, 1, 1, l->in_ch}, out = {l->rows, 1, 1, l->out_ch};
    const cmsis_nn_dims filter = {l->in_ch, 1, 1, l->out_ch}, bias = {1, 1, 1, l->out_ch};
    if (arm_fully_connected_s8_get_buffer_size(&filter) > 0) { /* TFLM does so once, at its start */
        arm_vector_sum_s8(context.buf, l->in_ch, l->out_ch, array(l->weights), l->first_offset, 0,
                          array(l->bias));
    }
    const uint32_t start = NOW();
    const arm_cmsis_nn_status status =
        arm_fully_connected_wrapper_s8(&context, &how, &factors, &in, array(l->first), &filter,
                                       array(l->weights), &bias, array(l->bias), &out, output);
    *ticks = NOW() - start;
    return status;
}

static arm_cmsis_nn_status add(const layer_t *l, uint32_t *ticks) {
    const uint32_t start = NOW();
    const arm_cmsis_nn_status status = arm_elementwise_add_s8(
        array(l->first), array(l->second), l->first_offset, l->first_multiplier, l->first_shift,
        l->second_offset, l->second_multiplier, l->second_shift, HEADROOM, output,
        l->output_offset, l->output_multiplier, l->output_shift, l->output_min, l->output_max,
        l->outputs);
    *ticks = NOW() - start;
    return status;
}

static arm_cmsis_nn_status pool_2d(const layer_t *l, uint32_t *ticks) {
    const cmsis_nn_pool_params how = {
        {l->stride_w, l->stride_h}, {l->pad_w, l->pad_h}, {l->output_min, l->output_max}};
    const cmsis_nn_dims in = input_of(l), out = output_of(l);
    const cmsis_nn_dims filter = {1, l->kernel_h, l->kernel_w, 1};
    const int8_t *const image = array(l->first);
    const uint32_t start = NOW();
    const arm_cmsis_nn_status status =
        l->op == MAX_POOL_2D ? arm_max_pool_s8(&context, &how, &in, image, &filter, &out, output)
                             : arm_avgpool_s8(&context, &how, &in, image, &filter, &out, output);
    *ticks = NOW() - start;
    return status;
}

static arm_cmsis_nn_status run(const layer_t *l, uint32_t *ticks) {
    switch (l->op) {
    case CONV_2D: return conv_2d(l, ticks);
    case DEPTHWISE_CONV_2D: return depthwise_conv_2d(l, ticks);
    case FULLY_CONNECTED: return fully_connected(l, ticks);
    case ADD: return add(l, ticks);
    default: return pool_2d(l, ticks);
    }
}

static uint32_t wrong_bytes(const layer_t *l) {
    const int8_t *const expected = array(l->expected);
    uint32_t wrong = 0;
    for (int32_t i = 0; i < l->outputs; i++) {
        wrong += output[i] != expected[i];
    }
    return wrong;
}

/* Compiled on its own, and better left alone: whatever else is done here moves instructions that
 * prepare a call to the other side of a reading of the counter. */
static __attribute__((noinline)) void count(void) {
    for (int32_t i = 0; i < layer_count; i++) {
        const layer_t *const l = &layers[i];
        uint32_t ticks = 0;
        memset(output, 0x5A, sizeof output);
        memset(scratch, 0x5A, sizeof scratch);
        const arm_cmsis_nn_status status =
            l->outputs <= OUTPUT_BYTES ? run(l, &ticks) : ARM_CMSIS_NN_ARG_ERROR;
        say(3, (const uint32_t[]){ticks, (uint32_t)status, wrong_bytes(l)});
    }
}

/* What CMSIS-NN says that a call needs of `scratch`, from the parameters that decide it. */
static int32_t scratch_bytes(const layer_t *l) {
    const cmsis_nn_tile stride = {l->stride_w, l->stride_h}, padding = {l->pad_w, l->pad_h};
    const cmsis_nn_tile dilation = {l->dilation_w, l->dilation_h};
    const cmsis_nn_conv_params convolution = {
        .stride = stride, .padding = padding, .dilation = dilation};
    const cmsis_nn_dw_conv_params depthwise = {
        .ch_mult = l->depth_multiplier, .stride = stride, .padding = padding, .dilation = dilation};
    const cmsis_nn_dims in = input_of(l), out = output_of(l);
    switch (l->op) {
    case CONV_2D: {
        const cmsis_nn_dims filter = {l->out_ch, l->kernel_h, l->kernel_w, l->kernel_ch};
        return arm_convolve_wrapper_s8_get_buffer_size(&convolution, &in, &filter, &out);
    }
    case DEPTHWISE_CONV_2D: {
        const cmsis_nn_dims filter = {1, l->kernel_h, l->kernel_w, l->out_ch};
        return arm_depthwise_conv_wrapper_s8_get_buffer_size(&depthwise, &in, &filter, &out);
    }
    case FULLY_CONNECTED: {
        const cmsis_nn_dims filter = {l->in_ch, 1, 1, l->out_ch};
        return arm_fully_connected_s8_get_buffer_size(&filter);
    }
    case AVERAGE_POOL_2D: return arm_avgpool_s8_get_buffer_size(l->out_w, l->in_ch);
    default: return 0;
    }
}

static arm_cmsis_nn_status room(const layer_t *l) {
    return l->outputs <= OUTPUT_BYTES && scratch_bytes(l) <= SCRATCH_BYTES ? ARM_CMSIS_NN_SUCCESS
                                                                           : ARM_CMSIS_NN_ARG_ERROR;
}

/* Where a layer has no room, nothing is counted, and it is said which. */
void harness(void) {
    uint32_t without = 0;
    for (int32_t i = 0; i < layer_count; i++) {
        without += room(&layers[i]) != ARM_CMSIS_NN_SUCCESS;
    }
    if (!without) {
        count();
        return;
    }
    for (int32_t i = 0; i < layer_count; i++) {
        say(3, (const uint32_t[]){0, (uint32_t)room(&layers[i]), 0});
    }
}
