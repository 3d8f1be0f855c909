/* What the two files of uploads share: an object under way, and its parts. */
#ifndef AWS_S3_UPLOAD_H
#define AWS_S3_UPLOAD_H

#include "aws/digest.h"
#include "aws/s3_internal.h"
#include "base/error.h"

#define S3_LANES 2 /* parts in memory at a time */

/* A place for one part: read and hashed by the crew, then sent. */
struct s3_lane {
    struct s3_upload *upload;
    struct task task;
    struct s3_call call;
    char *buffer;
    size_t room;
    size_t bytes;    /* of the part */
    uint64_t offset; /* in the file */
    unsigned number; /* from 1; 0: the whole object in one request */
    char number_text[8];
    char hash[DIGEST_HEX_BYTES];
    bool busy, good;
    struct error err;     /* when it is not good */
    struct s3_lane *next; /* in line for the crew */
};

struct s3_upload {
    struct s3 *s3;
    struct s3_object object; /* with copies of its own */
    struct s3_upload_hooks hooks;
    struct arena arena;
    struct slice upload_id; /* empty: none is open */
    struct slice *etags;    /* of the parts that the server has */
    unsigned parts, next_part, parts_done, restarts;
    struct s3_lane lanes[S3_LANES];
    struct s3_call call; /* what is not a part */
    struct s3_abort *abort;
    struct slice completion; /* the body that names all parts */
    enum s3_end end;         /* S3_GOOD as long as nothing has failed */
    char reason[S3_REASON_BYTES];
    bool stray; /* the server may hold an upload whose id we do not know */
    bool anew;  /* after the abort it begins again */
    bool cancelled;
    struct s3_upload *next, **link;
};

/* Reads a part of the file into the lane, then `s3_part_read` is called. */
void s3_lane_read(struct s3_lane *lane, unsigned number, uint64_t offset, size_t bytes);
/* Not good: lane->err says why. */
void s3_part_read(struct s3_lane *lane);
/* Frees it at once, or when the crew is done with its lanes. */
void s3_upload_free(struct s3_upload *upload);

#endif
