/* layer: one call of CMSIS-NN. cmsis_nn_layers.py reads the fields' names here and fills them; those
 * that a layer has no use for are 0. */
#ifndef LAYER_H
#define LAYER_H

#include <stdint.h>

enum { CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, ADD, AVERAGE_POOL_2D, MAX_POOL_2D };

typedef struct {
    int32_t op;
    int32_t rows; /* images, or rows of a matrix */
    int32_t in_h;
    int32_t in_w;
    int32_t in_ch;
    int32_t kernel_h;
    int32_t kernel_w;
    int32_t kernel_ch; /* input channels of a group */
    int32_t out_h;
    int32_t out_w;
    int32_t out_ch;
    int32_t outputs; /* bytes */
    int32_t stride_h;
    int32_t stride_w;
    int32_t pad_h;
    int32_t pad_w;
    int32_t dilation_h;
    int32_t dilation_w;
    int32_t depth_multiplier;
    int32_t per_channel;
    int32_t output_offset;
    int32_t output_min;
    int32_t output_max;
    int32_t first_offset; /* of the input, where there is one */
    int32_t first_multiplier;
    int32_t first_shift;
    int32_t second_offset;
    int32_t second_multiplier;
    int32_t second_shift;
    int32_t output_multiplier;
    int32_t output_shift;
    /* Where arrays lie, in bytes behind the first layer; 0 for none. */
    int32_t first;
    int32_t second;
    int32_t weights;
    int32_t bias;
    int32_t multiplier;
    int32_t shift;
    int32_t expected;
} layer_t;

#endif
