/* ek_cores_chip: where the RP2350 switches core 1 off. RP2350 datasheet 7.4. */
#ifndef EK_CORES_CHIP_H
#define EK_CORES_CHIP_H

#define EK_PSM_FORCE_OFF 0x40018004U
#define EK_PSM_CORE1 (1U << 24)

#endif
