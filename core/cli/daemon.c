/* cli/daemon.h */
#include "cli/daemon.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/service.h"
#include "cli/job.h"
#include <stdio.h>

#define STATUS_MS 10000
/* Beyond the grace time, for closing files and telling the disk. */
#define CLOSING_MS 10000

/* What `systemctl status` shows. */
static void print_status(const struct daemon *daemon, char *out, size_t size) {
    struct pipeline_sums sums = pipeline_sums(daemon->job->pipeline);
    uint64_t received = 0, kept = 0;
    for (size_t i = 0; i < sums.source_count; i++) {
        received += sums.sources[i].received;
        kept += sums.sources[i].spooled;
    }
    snprintf(out, size, "generation %llu, %zu sources: %llu posts received, %llu kept%s%s",
             (unsigned long long)daemon->job->snapshot->generation,
             daemon->job->snapshot->source_count, (unsigned long long)received,
             (unsigned long long)kept, sums.waiting ? "; sources wait for room on the disk" : "",
             daemon->reload_failed ? "; the last reload failed, the log says why" : "");
}

/* `lines` and how far it is. */
static void tell(const struct daemon *daemon, const char *lines) {
    char status[400], text[600];
    print_status(daemon, status, sizeof status);
    snprintf(text, sizeof text, "%sSTATUS=%s", lines, status);
    service_tell(text);
}

/* Looks are counted, not seconds: a process that was stopped or suspended finds the same task again
 * without anything being wrong. */
static bool is_alive(struct daemon *daemon) {
    const char *who;
    bool hung = loop_look(daemon->loop, &who) > daemon->patience;
    if (hung && !daemon->hung)
        log_error("daemon",
                  "a thread (%s) has been busy with one task for %llu s, as when a disk does not "
                  "answer; the watchdog is not told that all is well any more",
                  who, (unsigned long long)(daemon->patience * daemon->beat_ms / 1000));
    if (daemon->hung && !hung) log_info("daemon", "the thread goes on");
    daemon->hung = hung;
    return !hung;
}

static void beat(struct timer *timer) {
    struct daemon *daemon = CONTAINER_OF(timer, struct daemon, beat);
    bool feed = daemon->patience > 0 && is_alive(daemon);
    if (!daemon->stopping) /* else the status says that */
        tell(daemon, feed ? "WATCHDOG=1\n" : "");
    else if (feed)
        service_tell("WATCHDOG=1");
    timer_start(daemon->loop, timer, daemon->beat_ms);
}

void daemon_ready(struct daemon *daemon, struct job *job, struct loop *loop) {
    if (!service_listens()) return;
    uint64_t watchdog_ms = service_watchdog_ms();
    uint64_t beat_ms = watchdog_ms ? MIN(watchdog_ms / 2, (uint64_t)STATUS_MS) : STATUS_MS;
    *daemon = (struct daemon){
        .loop = loop, .job = job, .beat.fire = beat, .beat_ms = MAX(beat_ms, (uint64_t)1)
    };
    daemon->patience = (unsigned)(HUNG_WATCHDOGS * watchdog_ms / daemon->beat_ms);
    tell(daemon, "READY=1\n");
    timer_start(loop, &daemon->beat, daemon->beat_ms);
}

/* The time is for Type=notify-reload, by which systemd knows that its HUP was meant. */
void daemon_reloading(struct daemon *daemon) {
    char text[80];
    if (daemon->loop == NULL || daemon->stopping) return;
    snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%llu",
             (unsigned long long)(clock_monotonic_ns() / 1000));
    service_tell(text);
}

void daemon_reloaded(struct daemon *daemon, bool good) {
    if (daemon->loop == NULL || daemon->stopping) return;
    daemon->reload_failed = !good;
    tell(daemon, "READY=1\n");
}

void daemon_stopping(struct daemon *daemon, uint64_t grace_ms) {
    char text[160];
    if (daemon->loop == NULL || daemon->stopping) return;
    daemon->stopping = true;
    snprintf(text, sizeof text,
             "STOPPING=1\nSTATUS=stopping: sinks take what is under way\nEXTEND_TIMEOUT_USEC=%llu",
             (unsigned long long)(grace_ms + CLOSING_MS) * 1000);
    service_tell(text);
}

void daemon_end(struct daemon *daemon) {
    if (daemon->loop == NULL) return;
    daemon_stopping(daemon, 0);
    timer_stop(&daemon->beat);
}
