import type { ApplicationStatus, FleetEvent } from '@meridian/fleet';
import type { Clock } from '@meridian/runtime';
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
  readonly metrics: AgentMetrics;
  readonly log: Log;
}

const mergeMs = 10;

/** Opens a board. */
export function createStatusBoard({
  cluster,
  engine,
  outbox,
  clock,
  metrics,
  log,
}: StatusBoardConfig): StatusBoard {
  const dirty = new Set<string>();
  const sent = new Map<string, string>();
  let ring: () => void = () => undefined;

  const report = (application: string) => {
    const status = engine().status(application);
    if (!status) return;
    // A look that finds everything as it was is not worth a message; heartbeats say that we are alive.
    const content = JSON.stringify({ ...status, observedAtMs: 0 });
    if (sent.get(application) === content) return;
    sent.set(application, content);
    metrics.outOfSync(application, status.sync !== 'Synced');
    outbox.application(status, engine().traceparent(application));
    const { sync, health, generation, message } = status;
    log.debug({ application, generation, reason: `${sync}, ${health}: ${message}` }, 'reported status');
  };

  const flush = () => {
    const names = [...dirty];
    dirty.clear();
    for (const name of names) report(name);
  };

  return {
    changed(application) {
      dirty.add(application);
      ring();
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
        if (dirty.size === 0) await ringOf((answer) => (ring = answer), signal);
        flush();
        await clock.wait(mergeMs, signal);
      }
    },
  };
}

function ringOf(listen: (answer: () => void) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done);
      listen(() => undefined);
      resolve();
    };
    signal.addEventListener('abort', done, { once: true });
    listen(done);
  });
}
