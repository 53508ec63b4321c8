#include "ek_text.h"

#include <string.h>

#include "ek_hal.h"
#include "ek_print.h"
#include "ek_task.h"

#define COMMAND_MAX 80U
#define WORDS_MAX 3U
#define COUNT_DIGITS_MAX 9U /* so that any count fits into 32 bits */
#define DEFAULT_WARMUP 10U

static char command[COMMAND_MAX + 1U];
static uint32_t length; /* COMMAND_MAX + 1: too long, dropped up to the next '%' */
static uint8_t busy;
static uint8_t printed;

typedef struct {
    char *word[WORDS_MAX]; /* missing ones are empty */
} words_t;

static int is(const char *left, const char *right) {
    while (*left != '\0' && *left == *right) {
        left++;
        right++;
    }
    return *left == *right;
}

/* Cuts the command at its spaces; more words than there is room for stay one. */
static words_t split(char *text) {
    words_t words;
    for (uint32_t i = 0; i < WORDS_MAX; i++) {
        while (*text == ' ') {
            text++;
        }
        words.word[i] = text;
        while (*text != '\0' && *text != ' ') {
            text++;
        }
        if (*text == ' ') {
            *text++ = '\0';
        }
    }
    return words;
}

/* The number that a word is; 0 with *valid cleared when it is none, or too long. */
static uint32_t number(const char *word, int *valid) {
    uint32_t value = 0;
    uint32_t digits = 0;
    for (; word[digits] >= '0' && word[digits] <= '9' && digits < COUNT_DIGITS_MAX; digits++) {
        value = value * 10U + (uint32_t)(word[digits] - '0');
    }
    *valid = digits > 0U && word[digits] == '\0';
    return *valid ? value : 0U;
}

static void print_count(const char *before, uint64_t count, const char *after) {
    ek_print(before);
    ek_print_u64(count);
    ek_print(after);
}

static uint64_t now_us(void) {
    return ek_hal_cycles() / (ek_hal_clock_hz() / 1000000U);
}

static void print_lap(uint64_t us) {
    print_count("m-lap-us-", us, "\r\n");
}

static void print_results(void) {
    if (!ek_task_has_results()) {
        ek_print("e-[There are no results to show]\r\n");
        return;
    }
    uint32_t count = ek_task_result_count();
    ek_print("m-results-[");
    for (uint32_t i = 0; i < count; i++) {
        ek_print(i == 0U ? "" : ",");
        ek_print_milli(ek_task_result(i));
    }
    ek_print("]\r\n");
}

static void load(const char *count) {
    int valid;
    uint32_t bytes = number(count, &valid);
    if (!valid || bytes == 0U) {
        ek_print("e-[Command 'db load' takes a number of bytes above 0]\r\n");
    } else if (!ek_task_begin(bytes)) {
        print_count("e-[The input has room for ", ek_task_input_bytes(), " bytes]\r\n");
    } else {
        print_count("m-[Expecting ", bytes, " bytes]\r\n");
    }
}

static int hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    char lower = (char)(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static void store(const char *hex) {
    for (; *hex != '\0' && !ek_task_is_loaded(); hex += 2) {
        int high = hex_digit(hex[0]);
        int low = high < 0 ? -1 : hex_digit(hex[1]); /* a lone last digit meets the NUL here */
        if (low < 0) {
            ek_print("e-[Not two hex digits a byte]\r\n");
            return;
        }
        ek_task_store((uint8_t)(high << 4 | low));
        if (ek_task_is_loaded()) { /* what follows is of no account */
            ek_print("m-load-done\r\n");
            return;
        }
    }
    if (ek_task_is_loaded()) {
        ek_print("e-[Say 'db load' first]\r\n");
    }
}

static void db(const words_t *words) {
    if (words->word[1][0] == '\0') {
        ek_print("e-[Command 'db' needs 'load' or hex digits]\r\n");
    } else if (is(words->word[1], "load")) {
        load(words->word[2]);
    } else {
        store(words->word[1]);
    }
}

static void run(uint32_t times) {
    for (uint32_t i = 0; i < times; i++) {
        ek_task_run();
    }
}

/* The laps are printed together, so that no time on the line is counted as inference. */
static void measure(uint32_t times, uint32_t warmup) {
    print_count("m-warmup-start-", warmup, "\r\n");
    run(warmup);
    ek_print("m-warmup-done\r\n");
    print_count("m-infer-start-", times, "\r\n");
    ek_hal_flush();
    uint64_t start_us = now_us();
    run(times);
    uint64_t end_us = now_us();
    print_lap(start_us);
    print_lap(end_us);
    ek_print("m-infer-done\r\n");
    print_results();
}

static void infer(const words_t *words) {
    int times_valid = 1;
    int warmup_valid = 1;
    uint32_t times = words->word[1][0] == '\0' ? 1U : number(words->word[1], &times_valid);
    uint32_t warmup =
        words->word[2][0] == '\0' ? DEFAULT_WARMUP : number(words->word[2], &warmup_valid);
    if (!times_valid || times == 0U) {
        ek_print("e-[Inference iterations must be >0]\r\n");
    } else if (!warmup_valid) {
        ek_print("e-[Inference warmup must be >=0]\r\n");
    } else {
        measure(times, warmup);
    }
}

static void answer(void) {
    words_t words = split(command);
    const char *name = words.word[0];
    if (is(name, "name")) {
        ek_print("m-name-dut-[edgekit]\r\n");
    } else if (is(name, "profile")) {
        ek_print("m-profile-[ULPMark for tinyML Firmware V0.0.1]\r\nm-model-[");
        ek_print(ek_task_name());
        ek_print("]\r\n");
    } else if (is(name, "timestamp")) {
        print_lap(now_us());
    } else if (is(name, "db")) {
        db(&words);
    } else if (is(name, "infer")) {
        infer(&words);
    } else if (is(name, "results")) {
        print_results();
    } else {
        ek_print("e-[Unknown command: ");
        ek_print(name);
        ek_print("]\r\n");
    }
}

static void finish(void) {
    busy = 1;
    printed = 1;
    if (length > COMMAND_MAX) {
        print_count("e-[A command has at most ", COMMAND_MAX, " characters]\r\n");
    } else {
        command[length] = '\0';
        answer();
    }
    ek_print("m-ready\r\n");
    ek_text_drop();
    busy = 0;
}

static void print_place(const char *name, uint32_t value) {
    ek_print(name);
    ek_print_hex(value);
}

/* "the processor gave up in step 3, pc 0x…" and where else it is known to have been. */
static void print_crash(const ek_crash_t *crash) {
    ek_print(crash->cause == EK_CAUSE_WATCHDOG ? "e-[The watchdog restarted the board"
                                               : "e-[The processor gave up");
    if (crash->step != EK_NO_STEP) {
        print_count(" in step ", crash->step, "");
    }
    if (crash->pc != 0U) {
        print_place(", pc ", crash->pc);
        print_place(", lr ", crash->lr);
        print_place(", cfsr ", crash->status);
    }
    ek_print("]\r\n");
}

void ek_text_start(void) {
    const ek_crash_t last = ek_crash_last();
    printed = 1;
    if (last.cause == EK_CAUSE_WATCHDOG || last.cause == EK_CAUSE_FAULT) {
        print_crash(&last);
    }
    ek_print("m-timestamp-mode-performance\r\n");
    print_lap(now_us());
    ek_print("m-init-done\r\nm-ready\r\n");
}

void ek_text_byte(uint8_t byte) {
    if (byte == '%') {
        finish();
    } else if (length < COMMAND_MAX) {
        command[length++] = (char)byte;
    } else {
        length = COMMAND_MAX + 1U;
    }
}

void ek_text_drop(void) {
    length = 0;
}

int ek_text_is_busy(void) {
    return busy;
}

void ek_text_fault(const ek_crash_t *crash) {
    ek_print("\r\n");
    print_crash(crash);
    ek_print("m-ready\r\n");
    ek_hal_flush();
}

int ek_text_was_printed(void) {
    int was = printed;
    printed = 0;
    return was;
}
