import { Counter, Gauge, Histogram } from '@meridian/telemetry';
import type { Registry } from '@meridian/telemetry';

const secondsBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Metrics of the control loop. `sourceAgeSeconds` is asked at each scrape; undefined before the first fetch. */
export function controlMetrics(registry: Registry, sourceAgeSeconds: () => number | undefined) {
  const registers = [registry];
  const about = (name: string, help: string) => ({ name: `meridian_hub_${name}`, help, registers });
  new Gauge({
    ...about('source_age_seconds', 'Time since the fleet repo last answered; NaN before the first answer'),
    collect() {
      this.set(sourceAgeSeconds() ?? Number.NaN);
    },
  });
  return {
    leader: new Gauge(about('leader', '1 while this replica leads')),
    term: new Gauge(about('term', 'Term of this replica while it leads, 0 otherwise')),
    resolveSeconds: new Histogram({
      ...about('resolve_seconds', 'Time to resolve a revision'),
      buckets: secondsBuckets,
    }),
    decideSeconds: new Histogram({
      ...about('decide_seconds', 'Time of one turn of the leader, from waking to what it wrote'),
      buckets: secondsBuckets,
    }),
    assignments: new Counter(about('assignments_total', 'Assignments written to the ledger')),
    fenced: new Counter(
      about('fenced_total', 'Times that the ledger refused this replica because another one led'),
    ),
  };
}

/** The metrics of the control loop. */
export type ControlMetrics = ReturnType<typeof controlMetrics>;
