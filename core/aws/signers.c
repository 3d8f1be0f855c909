/* aws/signers.h */
#include "aws/signers.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/compiler.h"
#include "net/http_date.h"

/* AWS allows for 15 minutes, and for five in some services. */
#define TOLERATED_MS (INT64_C(4) * 60 * 1000)

static struct slice copy(struct slice text) {
    char *made = memory_alloc(text.length + 1);
    if (text.length) memcpy(made, text.data, text.length);
    return slice_from(made, text.length);
}

static void clear(struct signer_of *of) {
    if (of->signer == NULL) return;
    sigv4_signer_destroy(of->signer);
    memory_free((char *)of->service.data);
    memory_free((char *)of->region.data);
    *of = (struct signer_of){ 0 };
}

struct signer_of *signers_find(struct signers *signers, struct slice service, struct slice region,
                               unsigned style) {
    struct signer_of *oldest = &signers->of[0];
    for (size_t i = 0; i < SIGNERS_MOST; i++) {
        struct signer_of *of = &signers->of[i];
        bool is_it = of->signer && of->style == style && slice_equal(of->service, service) &&
                     slice_equal(of->region, region);
        if (of->used < oldest->used) oldest = of;
        if (!is_it) continue;
        of->used = ++signers->uses;
        return of;
    }
    clear(oldest);
    *oldest = (struct signer_of){ .service = copy(service),
                                  .region = copy(region),
                                  .style = style,
                                  .signer = sigv4_signer_create(region, service, style),
                                  .used = ++signers->uses };
    return oldest;
}

void signers_free(struct signers *signers) {
    for (size_t i = 0; i < SIGNERS_MOST; i++)
        clear(&signers->of[i]);
}

int64_t signer_now_ms(const struct signer_of *signer) { return clock_wall_ms() + signer->ahead_ms; }

bool signer_correct(struct signer_of *signer, struct slice date, int64_t signed_ms) {
    int64_t date_ms;
    if (!http_date_read(date, &date_ms)) return false;
    int64_t wrong_ms = date_ms - signed_ms;
    if (wrong_ms >= -TOLERATED_MS && wrong_ms <= TOLERATED_MS) return false;
    signer->ahead_ms = date_ms - clock_wall_ms();
    return true;
}
