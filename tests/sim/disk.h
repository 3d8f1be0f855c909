/* The disk behind os_sim.c: files and folders, what of them is durable, and the fault to come. */
#ifndef SIM_DISK_H
#define SIM_DISK_H

#include "os_sim.h"

#define NAME_BYTES 256
#define DESCRIPTORS 64

struct bytes {
    char *data;
    size_t length, room;
};

struct inode;
struct name {
    char text[NAME_BYTES];
    struct inode *inode;
    struct name *next;
};

/* What was done and not synced: of a file, bytes at an offset or (bytes NULL) a length; of a
 * folder, a name that is gone and one that is there, either may be "". */
struct change {
    char *bytes;
    size_t offset, length;
    char gone[NAME_BYTES], there[NAME_BYTES];
    struct inode *inode;
    struct change *next;
};

struct inode {
    bool folder, locked;
    struct bytes durable_bytes, bytes;
    struct name *durable_names, *names;
    struct change *changes, **last_change;
    struct inode *parent, *next;
    uint64_t number;
    char path[NAME_BYTES]; /* when it was made */
};

struct disk {
    size_t used;
    void *freed[64]; /* pieces of 2^i bytes */
    struct inode *inodes;
    uint64_t inode_count;
    struct inode *root;
    struct inode *open[DESCRIPTORS];
    struct sim_fault fault;
    uint64_t count;
    bool dead;
    int restarts;
};

extern struct disk *disk;

/* Told of every call, and of the one that kills; NULL: nobody is. */
extern void (*sim_told)(unsigned call, const char *path, bool dies);

void *take(size_t bytes);
void bytes_resize(struct bytes *bytes, size_t length);
void bytes_put(struct bytes *bytes, const char *data, size_t length, size_t offset);

struct inode *make_inode(bool folder, struct inode *parent, const char *path);
/* NULL with ENOENT. */
struct inode *find(const char *path);
/* The folder of the path, and in *last the name inside it; NULL with ENOENT. */
struct inode *find_folder(const char *path, char last[NAME_BYTES]);

/* Something that is not synced yet; the caller fills it in. */
struct change *add_change(struct inode *inode);
void change_name(struct inode *folder, const char *gone, const char *there, struct inode *inode);
void keep_changes(struct inode *inode);
void forget_changes(struct inode *inode);

/* False with errno when the call fails; in *half whether a write has half an effect. */
bool step(unsigned call, const char *path, bool *half);

#endif
