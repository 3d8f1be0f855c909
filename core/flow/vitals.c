/* flow/vitals.h */
#include "flow/vitals.h"
#include "base/clock.h"

void vitals_take(const struct instance *instance, struct vitals *vitals) {
    vitals->uptime_s = (double)(clock_monotonic_ns() - instance->started_ns) / 1e9;
    vitals->reload = reloader_status(instance->reloader);
    vitals->sums = pipeline_sums(instance->pipeline);
    vitals->unready_count = pipeline_unready(instance->pipeline, vitals->unready);
    vitals->counter_count = script_counters(vitals->counters);
}
