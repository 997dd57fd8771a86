import { Gauge } from '@meridian/telemetry';
import type { Registry } from '@meridian/telemetry';
import type { FleetReader } from '../api/ports.ts';

/** Measures the fleet as the views show it, at each scrape. Labels are names of clusters, so their number is bounded. */
export function viewMetrics(reader: FleetReader, registry: Registry): void {
  const gauge = (name: string, help: string, measure: () => number) => {
    const made: Gauge = new Gauge({
      name: `meridian_hub_${name}`,
      help,
      registers: [registry],
      collect: () => made.set(measure()),
    });
  };
  const placements = () => reader.applications().flatMap((application) => application.placements);
  gauge(
    'clusters_connected',
    'Clusters whose agent was heard within 12 s',
    () => reader.fleet().clusters.connected,
  );
  gauge(
    'clusters_stale',
    'Clusters whose agent was not heard within 12 s',
    () => reader.fleet().clusters.stale,
  );
  gauge(
    'applications_frozen',
    'Applications that an error keeps at their last good release',
    () => reader.fleet().applications.frozen,
  );
  gauge(
    'applications_out_of_sync',
    'Applications in one cluster whose live state is not what is assigned, or is not known',
    () => placements().filter(({ sync }) => sync !== 'Synced').length,
  );
  gauge(
    'sync_failed',
    'Applications in one cluster whose last apply failed',
    () => placements().filter(({ sync }) => sync === 'Failed').length,
  );
  const age: Gauge = new Gauge({
    name: 'meridian_hub_status_age_seconds',
    help: 'Age of what the agent of a cluster last said',
    labelNames: ['cluster'],
    registers: [registry],
    collect: () => {
      age.reset();
      for (const { name, status } of reader.clusters())
        if (status) age.set({ cluster: name }, status.ageMs / 1_000);
    },
  });
}
