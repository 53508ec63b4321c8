/* A model as a filter: inputs on standard input, one after the other; outputs on standard output.
 *
 * With an argument, each step's output comes after the step, and the model's output not again.
 * For this machine only: it is how generated C is run over many images.
 */
#include <stdio.h>

#include "ek_model.h"

/* The output's own bytes, whatever lies between them. Returns 0 when nobody takes them. */
static int put_step(const ek_step_info_t *info) {
    const uint32_t size = info->piece_bytes ? info->piece_bytes : info->output_bytes;
    const int8_t *piece = info->output;
    for (uint32_t done = 0; done < info->output_bytes; done += size) {
        if (fwrite(piece, 1, size, stdout) != size) {
            return 0;
        }
        piece += info->piece_stride;
    }
    return 1;
}

int main(int argc, char **argv) {
    const ek_model_t *model = &ek_model_active;
    (void)argv;
    while (fread(model->input_data, model->input.bytes, 1, stdin) == 1) {
        for (uint32_t step = 0; step < model->step_count; step++) {
            model->run_step(step);
            if (argc > 1 && !put_step(&model->steps[step])) {
                return 1;
            }
        }
        if (argc == 1 && fwrite(model->output_data, model->output.bytes, 1, stdout) != 1) {
            return 1;
        }
    }
    return 0;
}
