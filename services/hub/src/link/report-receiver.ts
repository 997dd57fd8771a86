import type { FleetEvent } from '@meridian/fleet';
import type { AttachedSession, Heartbeat, LinkReceiver } from '@meridian/link';
import { errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { Counter, fieldNames, withSpan } from '@meridian/telemetry';
import type { Logger, Registry, Tracer } from '@meridian/telemetry';
import { fittingStore } from './fitting-store.ts';
import { statusWriter } from './status-writer.ts';
import type { StatusStore } from './status-writer.ts';

/** Where what agents say goes. */
export interface ReportPorts {
  readonly statusBoard: StatusStore;
  readonly events: { publish(event: FleetEvent): Promise<void> };
  /** Applications of which the fleet holds a status from this cluster; those a snapshot does not name are cleared. */
  readonly knownApplications: (cluster: string) => readonly string[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly tracer: Tracer;
  readonly registry: Registry;
}

const rememberedEvents = 2_000;

/** Stores what agents say, so that every hub replica sees it; the link acknowledges a report once it is stored. */
export function reportReceiver(ports: ReportPorts): LinkReceiver {
  const { log, tracer } = ports;
  const writer = statusWriter(fittingStore(ports.statusBoard, log), ports.clock, ports.random);
  const told = recentTexts(rememberedEvents);
  const reports = new Counter({
    name: 'meridian_hub_reports_total',
    help: 'Reports of agents that were stored, by kind',
    labelNames: ['kind'],
    registers: [ports.registry],
  });
  const stored = async (kind: string, work: Promise<unknown>) => {
    await work;
    reports.inc({ kind });
  };
  const storeAgent = (
    { session, cluster, hello, identity }: AttachedSession,
    heartbeat: Heartbeat,
    sequence: number,
  ) => {
    const certificate = { startsAtMs: identity.startsAtMs, endsAtMs: identity.expiresAtMs };
    return writer.write(session, { cluster }, { ...hello, ...heartbeat, certificate, sequence });
  };
  const say = (event: Omit<FleetEvent, 'atMs'>) => {
    ports.events
      .publish({ atMs: ports.clock.nowMs(), ...event })
      .catch((error: unknown) => log.warn({ error: errorText(error) }, 'an event could not be stored'));
  };

  return {
    async onHello(session) {
      const { cluster, peer, hello } = session;
      log.info(
        { [fieldNames.cluster]: cluster, [fieldNames.session]: session.session, peer },
        'agent attached',
      );
      say({
        level: 'info',
        type: 'agent.attached',
        cluster,
        message: `agent ${hello.version} of ${cluster} attached`,
      });
    },
    onSnapshot({ session, ...about }, { applications, heartbeat }, { sequence }) {
      const { cluster } = about;
      const named = new Set(applications.map(({ application }) => application));
      const gone = ports.knownApplications(cluster).filter((application) => !named.has(application));
      const writes = [
        ...applications.map((status) =>
          writer.write(
            session,
            { cluster, application: status.application },
            { ...status, session, sequence },
          ),
        ),
        ...gone.map((application) => writer.write(session, { cluster, application }, undefined)),
        storeAgent({ ...about, session }, heartbeat, sequence),
      ];
      return stored('snapshot', Promise.all(writes));
    },
    onApplication({ session, cluster }, status, { sequence, traceparent }) {
      const { application } = status;
      const write = () => writer.write(session, { cluster, application }, { ...status, session, sequence });
      if (!traceparent) return stored('application', write());
      const attributes = { cluster, application, sync: status.sync, health: status.health };
      return stored(
        'application',
        withSpan(tracer, 'store status', { parent: traceparent, attributes }, write),
      );
    },
    async onEvent(_session, event) {
      // An agent repeats events that were stored but not acknowledged before its stream broke.
      const text = JSON.stringify(event);
      if (told.has(text)) return;
      await stored('event', ports.events.publish(event));
      told.add(text);
    },
    onHeartbeat(session, heartbeat, { sequence }) {
      return stored('heartbeat', storeAgent(session, heartbeat, sequence));
    },
    onGone({ session, cluster }, { reason, replaced }) {
      writer.forget(session);
      log.info({ [fieldNames.cluster]: cluster, [fieldNames.session]: session, reason }, 'agent detached');
      if (!replaced)
        say({
          level: 'warning',
          type: 'agent.lost',
          cluster,
          message: `the agent of ${cluster} is gone: ${reason}`,
        });
    },
  };
}

/** Remembers the last `limit` texts. */
function recentTexts(limit: number): { has(text: string): boolean; add(text: string): void } {
  const texts = new Set<string>();
  return {
    has: (text) => texts.has(text),
    add(text) {
      texts.add(text);
      for (const oldest of texts) {
        if (texts.size <= limit) break;
        texts.delete(oldest);
      }
    },
  };
}
