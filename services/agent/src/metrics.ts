import { Counter, Gauge, Histogram } from '@meridian/telemetry';
import type { Registry } from '@meridian/telemetry';

/** What the agent measures. */
export interface AgentMetrics {
  outOfSync(application: string, isOutOfSync: boolean): void;
  syncFailed(application: string): void;
  reconciled(application: string, seconds: number): void;
  drifted(application: string): void;
  healed(application: string): void;
  refused(reason: string): void;
  paused(application: string, isPaused: boolean): void;
  /** How many objects admission stores otherwise than they are sent. */
  altered(application: string, objects: number): void;
}

/** What is asked for when metrics are read; ages in seconds, undefined when it never happened. */
export interface MetricSources {
  readonly source: () => number | undefined;
  readonly report: () => number | undefined;
  /** Whether nothing at all may be written in this cluster now. */
  readonly isFrozen: () => boolean;
  /** Events that were dropped because no hub took them. */
  readonly droppedEvents: () => number;
}

/** Registers the agent's metrics. */
export function createMetrics(registry: Registry, sources: MetricSources): AgentMetrics {
  const registers = [registry];
  const labelNames = ['application'] as const;
  const outOfSync = new Gauge({
    name: 'meridian_agent_out_of_sync',
    help: '1 while live state differs from the assignment',
    labelNames,
    registers,
  });
  const failures = new Counter({
    name: 'meridian_agent_sync_failures_total',
    help: 'Reconciliations that ended with an error',
    labelNames,
    registers,
  });
  const reconcile = new Histogram({
    name: 'meridian_agent_reconcile_seconds',
    help: 'Time of one reconciliation that had something to do',
    labelNames,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const drift = new Counter({
    name: 'meridian_agent_drift_total',
    help: 'Drift that was seen',
    labelNames,
    registers,
  });
  const heals = new Counter({
    name: 'meridian_agent_heals_total',
    help: 'Drift that was healed',
    labelNames,
    registers,
  });
  const refused = new Counter({
    name: 'meridian_agent_refused_assignments_total',
    help: 'Assignments that were not accepted',
    labelNames: ['reason'],
    registers,
  });
  const dropped: Gauge = new Gauge({
    name: 'meridian_agent_dropped_events',
    help: 'Events that were dropped since start because no hub took them',
    registers,
    collect: () => dropped.set(sources.droppedEvents()),
  });
  const paused = new Gauge({
    name: 'meridian_agent_paused',
    help: '1 while a person has paused the application in this cluster',
    labelNames,
    registers,
  });
  const altered = new Gauge({
    name: 'meridian_agent_altered_objects',
    help: 'Objects of which admission stores other values than git has',
    labelNames,
    registers,
  });
  const frozen: Gauge = new Gauge({
    name: 'meridian_agent_frozen',
    help: '1 while the limits of this cluster let nothing at all be written: it is frozen, or they cannot be read',
    registers,
    collect: () => frozen.set(sources.isFrozen() ? 1 : 0),
  });
  ageGauge(
    registry,
    'meridian_agent_source_age_seconds',
    'Time since desired state was last read',
    sources.source,
  );
  ageGauge(
    registry,
    'meridian_agent_report_age_seconds',
    'Time since a hub last confirmed a report',
    sources.report,
  );
  return {
    outOfSync: (application, isOutOfSync) => outOfSync.set({ application }, isOutOfSync ? 1 : 0),
    syncFailed: (application) => failures.inc({ application }),
    reconciled: (application, seconds) => reconcile.observe({ application }, seconds),
    drifted: (application) => drift.inc({ application }),
    healed: (application) => heals.inc({ application }),
    refused: (reason) => refused.inc({ reason }),
    paused: (application, isPaused) => paused.set({ application }, isPaused ? 1 : 0),
    altered: (application, objects) => altered.set({ application }, objects),
  };
}

function ageGauge(registry: Registry, name: string, help: string, age: () => number | undefined): void {
  const gauge: Gauge = new Gauge({
    name,
    help: `${help}; +Inf when it never happened`,
    registers: [registry],
    collect: () => gauge.set(age() ?? Number.POSITIVE_INFINITY),
  });
}
