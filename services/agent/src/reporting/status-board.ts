import { hash } from 'node:crypto';
import type { ApplicationStatus, FleetEvent } from '@meridian/fleet';
import { createWake } from '@meridian/runtime';
import type { Clock, Slices } from '@meridian/runtime';
import type { Engine } from '../applications/engine.ts';
import type { AgentMetrics } from '../metrics.ts';
import type { Log, ReportOutbox } from '../ports.ts';

/** Turns changes of applications into reports: at once after a quiet time, merged while much happens. */
export interface StatusBoard {
  /** The status of an application may have changed. */
  changed(application: string): void;
  tell(event: Omit<FleetEvent, 'atMs' | 'cluster'>): void;
  /** The whole status of every application. */
  snapshot(): readonly ApplicationStatus[];
  /** Reports changes until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** What the board needs. */
export interface StatusBoardConfig {
  readonly cluster: string;
  readonly engine: () => Pick<Engine, 'applications' | 'status' | 'traceparent'>;
  readonly outbox: ReportOutbox;
  readonly clock: Clock;
  readonly slices: Slices;
  readonly metrics: AgentMetrics;
  readonly log: Log;
}

/** The shortest time between two reports of one application, in milliseconds. */
const spacing = { firstMs: 20, forEachObjectMs: 0.5, capMs: 2_000 };

/**
 * The shortest time between two reports of one application that is still being applied: nobody acts on how far it is, and while
 * many applications are applied such reports would be most of what is told. That it is done, or failed, is told without it.
 */
const progressMs = 250;

/** What was said last of an application. */
interface Told extends Pick<ApplicationStatus, 'sync' | 'generation'> {
  readonly digest: string;
  readonly atMs: number;
}

/** Whether a status says only how far the work has come that was told to be under way. */
function isProgress({ sync, generation }: ApplicationStatus, before: Told): boolean {
  return sync === 'Applying' && before.sync === 'Applying' && generation === before.generation;
}

/**
 * How long after a report of an application the next one may come. A status has all objects in it, so that telling each change
 * of a large application would take more work, here and in the hub, than to apply it.
 */
function spacingMs({ objects }: ApplicationStatus): number {
  return Math.min(spacing.capMs, spacing.firstMs + spacing.forEachObjectMs * objects.length);
}

/** Opens a board. */
export function createStatusBoard({
  cluster,
  engine,
  outbox,
  clock,
  slices,
  metrics,
  log,
}: StatusBoardConfig): StatusBoard {
  /** When to report what may have changed, in monotonic milliseconds, by application. */
  const due = new Map<string, number>();
  const told = new Map<string, Told>();
  /** When to look at an application again at the earliest. */
  const freeAtMs = new Map<string, number>();
  const wake = createWake();

  const report = (application: string) => {
    const status = engine().status(application);
    if (!status) return;
    const nowMs = clock.monotonicMs();
    freeAtMs.set(application, nowMs + spacingMs(status));
    const before = told.get(application);
    if (before && isProgress(status, before) && nowMs < before.atMs + progressMs) {
      due.set(application, before.atMs + progressMs);
      return;
    }
    // A look that finds everything as it was is not worth a message; heartbeats say that we are alive.
    const digest = hash('sha256', JSON.stringify({ ...status, observedAtMs: 0 }), 'base64');
    if (before?.digest === digest) return;
    const { sync, health, generation, message } = status;
    told.set(application, { sync, generation, digest, atMs: nowMs });
    metrics.outOfSync(application, sync !== 'Synced');
    outbox.application(status, engine().traceparent(application));
    log.debug({ application, generation, reason: `${sync}, ${health}: ${message}` }, 'reported status');
  };

  const flush = async (signal: AbortSignal) => {
    const nowMs = clock.monotonicMs();
    for (const [application, atMs] of [...due]) {
      if (atMs > nowMs) continue;
      await slices.between();
      if (signal.aborted) return;
      due.delete(application);
      report(application);
    }
  };

  return {
    changed(application) {
      const atMs = freeAtMs.get(application) ?? 0;
      // What waits as mere progress may be more by now.
      if ((due.get(application) ?? Infinity) <= atMs) return;
      due.set(application, atMs);
      wake.ring();
    },
    tell(event) {
      outbox.event({ atMs: clock.nowMs(), cluster, ...event });
    },
    snapshot: () =>
      engine()
        .applications()
        .flatMap((name) => engine().status(name) ?? []),
    async run(signal) {
      while (!signal.aborted) {
        const waitMs = Math.min(...due.values()) - clock.monotonicMs();
        await wake.next(waitMs, signal);
        await flush(signal);
      }
    },
  };
}
