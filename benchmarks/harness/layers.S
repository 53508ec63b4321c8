/* What cmsis_nn_layers.py packed, in flash: how many layers, then the layers, then their arrays. */
    .section .rodata.layers, "a"
    .balign 16
    .global layer_count
layer_count:
    .incbin "layers.bin", 0, 4
    .balign 16
    .global layers
layers:
    .incbin "layers.bin", 16
