/* ek_cores_chip: where the RP2040 switches core 1 off. RP2040 datasheet 2.13. */
#ifndef EK_CORES_CHIP_H
#define EK_CORES_CHIP_H

#define EK_PSM_FORCE_OFF 0x40010004U
#define EK_PSM_CORE1 (1U << 16)

#endif
