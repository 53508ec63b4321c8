/* ek_compiler: the few things that C11 leaves to the compiler. */
#ifndef EK_COMPILER_H
#define EK_COMPILER_H

/* Kernels are specialised by inlining them where all their parameters are constants. */
#define EK_INLINE static inline __attribute__((always_inline, unused))

#define EK_ALIGN(bytes) __attribute__((aligned(bytes)))

/* A step of the model stays a function of its own, in the section where EK_HOT puts it. */
#define EK_STEP __attribute__((noinline)) EK_HOT

/* A build may place hot code elsewhere: -DEK_HOT='__attribute__((section(".ram_code")))'. */
#ifndef EK_HOT
#define EK_HOT
#endif

/* 1 where a 32 x 32 -> 64 bit product is a library call (Armv6-M: Cortex-M0, M0+, M1). */
#ifndef EK_SLOW_LONG_MULTIPLY
#if defined(__ARM_ARCH_6M__) || (defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1)
#define EK_SLOW_LONG_MULTIPLY 1
#else
#define EK_SLOW_LONG_MULTIPLY 0
#endif
#endif

#endif
