/* hook: counts cycles and instructions at the entry of every basic block, for Unicorn.
 *
 * Built on first use by native_counter.py, which mirrors these structs with ctypes. Does what
 * python_counter.py does, some ten times faster.
 */
#include <stdint.h>
#include <string.h>

typedef struct {
    uint32_t bytes; /* 0: not yet known */
    uint32_t cycles;
    uint32_t instructions;
    uint32_t fallthrough; /* after a conditional branch; else 0 */
} block_t;

typedef struct {
    block_t *blocks; /* one per halfword */
    uint32_t mask;   /* address & mask is the offset */
    uint32_t unused;
    const uint8_t *memory; /* what is there now, */
    uint8_t *seen;         /* and what was there when the block was measured; NULL: read only */
} region_t;

typedef struct {
    uint64_t cycles;
    uint64_t instructions;
    uint64_t entered;    /* how many blocks */
    uint64_t service_at; /* cycles at which `service` is called */
    uint32_t fallthrough; /* of the block before; 0: it did not end in a conditional branch */
    uint32_t current;     /* address of the block being run */
    uint32_t (*measure)(uint32_t address, uint32_t bytes); /* fills the block's entry, or 0 */
    void (*service)(void);
    region_t regions[16]; /* by the address's top four bits */
} counter_t;

#if defined(_WIN32)
__declspec(dllexport)
#endif
void edgekit_enter_block(void *engine, uint64_t address, uint32_t bytes, void *user) {
    (void)engine;
    counter_t *const counter = user;
    const uint32_t start = (uint32_t)address;
    const region_t *const region = &counter->regions[start >> 28];
    counter->current = start;
    counter->entered++;
    if (region->blocks == NULL) {
        return; /* there is no code: the engine is about to say so */
    }
    const uint32_t offset = start & region->mask;
    const block_t *const block = &region->blocks[offset >> 1];
    /* Code in RAM may have been replaced; the engine does not look. */
    const int is_known =
        block->bytes == bytes &&
        (region->seen == NULL || memcmp(region->memory + offset, region->seen + offset, bytes) == 0);
    if (!is_known && !counter->measure(start, bytes)) {
        return; /* the machine stops before it runs */
    }
    const uint32_t taken = counter->fallthrough != 0 && counter->fallthrough != start;
    counter->cycles += block->cycles + taken;
    counter->instructions += block->instructions;
    counter->fallthrough = block->fallthrough;
    if (counter->cycles >= counter->service_at) {
        counter->service();
    }
}
