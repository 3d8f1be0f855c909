/* tests/sim/disk.h, and what os_sim.h says beside base/os.h. */
#include "disk.h"
#include "base/compiler.h"
#include "os_sim.h"
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define REGION_BYTES ((size_t)1 << 30)
#define SECTOR_BYTES ((size_t)512)

/* ---- memory: one region at one address, so that it can be saved and shared ---- */

struct disk *disk;
void (*sim_told)(unsigned call, const char *path, bool dies);

void *take(size_t bytes) {
    unsigned size = 4;
    while ((size_t)1 << size < bytes)
        size++;
    void *piece = disk->freed[size];
    if (piece)
        memcpy(&disk->freed[size], piece, sizeof(void *));
    else {
        piece = (char *)disk + disk->used;
        disk->used += (size_t)1 << size;
        assert(disk->used <= REGION_BYTES);
    }
    return memset(piece, 0, (size_t)1 << size);
}

static void give(void *piece, size_t bytes) {
    unsigned size = 4;
    while ((size_t)1 << size < bytes)
        size++;
    if (piece == NULL) return;
    memcpy(piece, &disk->freed[size], sizeof(void *));
    disk->freed[size] = piece;
}

void bytes_resize(struct bytes *bytes, size_t length) {
    if (length > bytes->room) {
        size_t room = MAX(length, 2 * bytes->room);
        char *data = take(room);
        if (bytes->length) memcpy(data, bytes->data, bytes->length);
        give(bytes->data, bytes->room);
        *bytes = (struct bytes){ data, bytes->length, room };
    }
    if (length < bytes->length) memset(bytes->data + length, 0, bytes->length - length);
    bytes->length = length;
}

void bytes_put(struct bytes *bytes, const char *data, size_t length, size_t offset) {
    if (offset + length > bytes->length) bytes_resize(bytes, offset + length);
    if (length) memcpy(bytes->data + offset, data, length);
}

static void bytes_copy(struct bytes *to, const struct bytes *from) {
    bytes_resize(to, 0);
    bytes_put(to, from->data, from->length, 0);
}

/* ---- names ---- */

struct inode *make_inode(bool folder, struct inode *parent, const char *path) {
    struct inode *inode = take(sizeof *inode);
    *inode = (struct inode){ .folder = folder, .parent = parent, .next = disk->inodes };
    inode->number = ++disk->inode_count;
    inode->last_change = &inode->changes;
    snprintf(inode->path, sizeof inode->path, "%s", path);
    return disk->inodes = inode;
}

static struct name **find_name(struct name **names, const char *text) {
    while (*names && strcmp((*names)->text, text) != 0)
        names = &(*names)->next;
    return names;
}

static void apply_names(struct name **names, const struct change *change) {
    struct name **gone = find_name(names, change->gone);
    if (*gone && (*gone)->inode == change->inode) {
        struct name *name = *gone;
        *gone = name->next;
        give(name, sizeof *name);
    }
    if (change->there[0] == '\0') return;
    struct name **there = find_name(names, change->there);
    if (*there == NULL) {
        *there = take(sizeof **there);
        snprintf((*there)->text, NAME_BYTES, "%s", change->there);
    }
    (*there)->inode = change->inode;
}

/* The folder of the path, and in *last the name inside it; NULL with ENOENT. */
struct inode *find_folder(const char *path, char last[NAME_BYTES]) {
    struct inode *at = disk->root;
    last[0] = '\0';
    for (const char *part = path; at;) {
        part += strspn(part, "/");
        size_t length = strcspn(part, "/");
        if (length == 0) return at;
        if (last[0]) {
            struct name *name = *find_name(&at->names, last);
            at = strcmp(last, "..") == 0 ? at->parent : name ? name->inode : NULL;
            if (at && !at->folder) at = NULL;
        }
        snprintf(last, NAME_BYTES, "%.*s", (int)length, part);
        part += length;
    }
    errno = ENOENT;
    return NULL;
}

struct inode *find(const char *path) {
    char last[NAME_BYTES];
    struct inode *folder = find_folder(path, last);
    if (folder == NULL || last[0] == '\0') return folder;
    if (strcmp(last, "..") == 0) return folder->parent;
    struct name *name = *find_name(&folder->names, last);
    if (name == NULL) errno = ENOENT;
    return name ? name->inode : NULL;
}

struct change *add_change(struct inode *inode) {
    struct change *change = take(sizeof *change);
    *inode->last_change = change;
    inode->last_change = &change->next;
    return change;
}

void forget_changes(struct inode *inode) {
    for (struct change *change = inode->changes, *next; change; change = next) {
        next = change->next;
        give(change->bytes, change->length);
        give(change, sizeof *change);
    }
    inode->changes = NULL;
    inode->last_change = &inode->changes;
}

void change_name(struct inode *folder, const char *gone, const char *there, struct inode *inode) {
    struct change *change = add_change(folder);
    snprintf(change->gone, NAME_BYTES, "%s", gone);
    snprintf(change->there, NAME_BYTES, "%s", there);
    change->inode = inode;
    apply_names(&folder->names, change);
}

/* ---- faults ---- */

/* False with errno when the call fails; in *half whether a write has half an effect. */
static int error_of(const struct sim_fault *fault) {
    bool later = disk->count > fault->at;
    return later && fault->later_error ? fault->later_error : fault->error;
}

bool step(unsigned call, const char *path, bool *half) {
    const struct sim_fault *fault = &disk->fault;
    bool counts =
        !disk->dead && (fault->calls & call) && (fault->path == NULL || strstr(path, fault->path));
    if (half) *half = false;
    errno = EIO;
    if (counts) disk->dead = ++disk->count == fault->kill_at;
    if (sim_told) sim_told(call, path, disk->dead);
    if (!counts) return !disk->dead;
    bool fails =
        fault->at && (disk->count == fault->at || (disk->count > fault->at && fault->forever));
    if (!disk->dead && !fails) return true;
    if (half) *half = fault->half;
    if (!disk->dead) errno = error_of(fault);
    return false;
}

void sim_inject(struct sim_fault fault) {
    disk->fault = fault;
    disk->count = 0;
}

uint64_t sim_count(void) { return disk->count; }

bool sim_is_dead(void) { return disk->dead; }

void sim_reset(void) {
    int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
    if (disk == NULL) disk = mmap(NULL, REGION_BYTES, PROT_READ | PROT_WRITE, flags, -1, 0);
    assert(disk != MAP_FAILED);
    memset(disk, 0, sizeof *disk);
    disk->used = (sizeof *disk + 63) & ~(size_t)63;
    disk->root = make_inode(true, NULL, "/");
    disk->root->parent = disk->root;
    sim_inject((struct sim_fault){ .calls = SIM_CHANGES });
}

void sim_restart(void) {
    memset(disk->open, 0, sizeof disk->open);
    for (struct inode *inode = disk->inodes; inode; inode = inode->next)
        inode->locked = false;
    disk->dead = false;
    disk->restarts++;
    sim_inject((struct sim_fault){ .calls = SIM_CHANGES });
}

/* ---- the power cut ---- */

enum fate { LOST, KEPT, TORN, SCATTERED, ZEROED, FATES };

uint64_t sim_draw(uint64_t *seed) {
    uint64_t bits = *seed += UINT64_C(0x9e3779b97f4a7c15);
    bits = (bits ^ bits >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ bits >> 27) * UINT64_C(0x94d049bb133111eb);
    return bits ^ bits >> 31;
}

static enum fate fate_of(const struct change *change, uint64_t mode, uint64_t *seed) {
    if (mode == 2) return change->next ? KEPT : TORN;
    return mode < 2 ? (enum fate)mode : (enum fate)(sim_draw(seed) % FATES);
}

static void apply_bytes(struct bytes *bytes, const struct change *change, enum fate fate,
                        uint64_t *seed) {
    if (fate == LOST) return;
    if (change->bytes == NULL) {
        bytes_resize(bytes, change->length);
        return;
    }
    size_t torn = fate == TORN ? sim_draw(seed) % (change->length + 1) : change->length;
    for (size_t done = 0, length; done < torn; done += length) {
        size_t at = change->offset + done;
        length = MIN(SECTOR_BYTES - at % SECTOR_BYTES, change->length - done);
        bool kept = fate == SCATTERED ? sim_draw(seed) % 2 : fate != ZEROED;
        if (kept)
            bytes_put(bytes, change->bytes + done, length, at);
        else if (fate == ZEROED && at + length > bytes->length)
            bytes_resize(bytes, at + length);
    }
}

static void cut_inode(struct inode *inode, uint64_t mode, uint64_t *seed) {
    for (const struct change *change = inode->changes; change; change = change->next) {
        enum fate fate = fate_of(change, mode, seed);
        if (!inode->folder)
            apply_bytes(&inode->durable_bytes, change, fate, seed);
        else if (mode ? mode < 3 || fate % 2 : false)
            apply_names(&inode->durable_names, change);
    }
    forget_changes(inode);
    bytes_copy(&inode->bytes, &inode->durable_bytes);
    while (inode->names) {
        struct name *name = inode->names;
        inode->names = name->next;
        give(name, sizeof *name);
    }
    for (const struct name *name = inode->durable_names; name; name = name->next) {
        struct change again = { .inode = name->inode };
        memcpy(again.there, name->text, NAME_BYTES);
        apply_names(&inode->names, &again);
    }
}

void keep_changes(struct inode *inode) {
    uint64_t unused = 0;
    for (const struct change *change = inode->changes; change; change = change->next)
        if (inode->folder)
            apply_names(&inode->durable_names, change);
        else
            apply_bytes(&inode->durable_bytes, change, KEPT, &unused);
}

void sim_cut_power(uint64_t seed) {
    uint64_t mode = seed;
    for (struct inode *inode = disk->inodes; inode; inode = inode->next)
        cut_inode(inode, mode, &seed);
    sim_restart();
}

void *sim_save(void) { return memcpy(malloc(disk->used), disk, disk->used); }

void sim_restore(const void *image) { memcpy(disk, image, ((const struct disk *)image)->used); }

/* ---- what a hand does ---- */

const char *sim_bytes(const char *path, size_t *length) {
    const struct inode *inode = find(path);
    if (inode) *length = inode->bytes.length;
    return inode ? inode->bytes.data : NULL;
}

void sim_put(const char *path, const void *bytes, size_t length) {
    struct inode *inode = find(path);
    const struct bytes put = { (char *)bytes, length, 0 };
    forget_changes(inode);
    bytes_copy(&inode->bytes, &put);
    bytes_copy(&inode->durable_bytes, &inode->bytes);
}

void sim_take_away(const char *path) {
    char last[NAME_BYTES];
    struct inode *folder = find_folder(path, last);
    struct change gone = { .inode = find(path) };
    memcpy(gone.gone, last, NAME_BYTES);
    apply_names(&folder->names, &gone);
    apply_names(&folder->durable_names, &gone);
}
