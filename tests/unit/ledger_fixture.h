/* A ledger in a folder of its own, for the programs that test it. */
#ifndef UNIT_LEDGER_FIXTURE_H
#define UNIT_LEDGER_FIXTURE_H

#include "own_folder.h"
#include "store/ledger.h"

static char path[64];
static struct ledger ledger;
static struct error err;

static int make_folder(void **state) {
    (void)state;
    return own_folder_make();
}

static int remove_folder(void **state) {
    (void)state;
    return own_folder_remove();
}

static int open_ledger(void **state) {
    (void)state;
    snprintf(path, sizeof path, "%s/ledger.db", own_folder);
    remove(path);
    return ledger_open(&ledger, path, DATABASE_WRITE, &err) ? 0 : -1;
}

static int close_ledger(void **state) {
    (void)state;
    ledger_close(&ledger);
    return 0;
}

#endif
