import type { ClusterView, DoctorView, FleetView } from '@meridian/fleet';
import { FaultError, errorText } from '@meridian/runtime';
import type { ChartsState } from '../charts/chart-desk.ts';
import { checkCharts } from '../charts/charts-check.ts';
import type { HubHelm } from '../charts/charts-check.ts';
import { checkCertificates } from './certificates-check.ts';

type Check = DoctorView['checks'][number];

/** What the doctor looks at. */
export interface DoctorPorts {
  readonly fleet: () => FleetView;
  readonly clusters: () => readonly ClusterView[];
  /** How far each agent's clock is from the clock that stores what it says, in milliseconds; positive when it is ahead. */
  readonly clockSkewMs: () => ReadonlyMap<string, number>;
  readonly nowMs: () => number;
  readonly natsConnected: () => boolean;
  /** Whether this hub renders charts, and the helms of all hubs that answer. */
  readonly charts: () => ChartsState;
  readonly hubHelms: () => Promise<readonly HubHelm[]>;
  /** Broken invariants of the ledger; throws when it cannot be read. */
  readonly audit: (
    signal: AbortSignal,
  ) => Promise<
    readonly { readonly invariant: string; readonly sequence: number; readonly message: string }[]
  >;
}

const auditTimeoutMs = 8_000;
const allowedSkewMs = 5_000;

/** Looks at everything an operator would look at first; each failed check says what to do. */
export async function examine(ports: DoctorPorts, signal: AbortSignal): Promise<DoctorView> {
  const fleet = ports.fleet();
  return {
    checks: [
      checkNats(ports.natsConnected()),
      checkLeader(fleet),
      checkSource(fleet),
      checkProblems(fleet),
      ...ports.clusters().map(checkAgent),
      checkCertificates(ports.clusters(), ports.nowMs()),
      checkClocks(ports.clockSkewMs()),
      checkCharts(ports.charts(), ports.natsConnected() ? await ports.hubHelms() : []),
      await checkLedger(ports, signal),
    ],
  };
}

function check(
  name: string,
  ok: boolean,
  { message, fix }: { readonly message: string; readonly fix: string },
): Check {
  return ok ? { name, ok, message } : { name, ok, message, fix };
}

function checkNats(isConnected: boolean): Check {
  return check('nats', isConnected, {
    message: isConnected ? 'NATS answers' : 'NATS does not answer this hub',
    fix: 'start nats-server, or check MERIDIAN_NATS_URL; agents go on healing meanwhile',
  });
}

function checkLeader({ hub }: FleetView): Check {
  return check('leader', hub.leader !== null, {
    message:
      hub.leader === null
        ? 'no hub leads, so nothing new is rolled out'
        : `${hub.leader} leads in term ${hub.term}`,
    fix: 'check that a hub runs and reaches NATS and Redis; its log says why it does not lead',
  });
}

function checkSource({ source }: FleetView): Check {
  const age = source.ageMs === null ? 'never' : `${Math.round(source.ageMs / 1_000)} s ago`;
  return check('source', !source.stale && source.revision !== null, {
    message: `${source.branch} of ${source.url} was read ${age}${source.message === '' ? '' : `: ${source.message}`}`,
    fix: 'check that the fleet repo can be reached from the hub, and its credentials',
  });
}

function checkProblems({ problems }: FleetView): Check {
  const [first] = problems;
  const place = first
    ? `${first.file}${first.line === undefined ? '' : `:${first.line}`}: ${first.message}`
    : '';
  return check('configuration', problems.length === 0, {
    message: first
      ? `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}, the first in ${place}`
      : 'every application resolves',
    fix: first?.fix ?? 'see `meridian status`; the next good commit recovers it',
  });
}

function checkAgent({ name, connected, status }: ClusterView): Check {
  const fix = `check the agent in ${name}: its log, its certificate, and that it reaches a hub`;
  if (!status) return check(`agent ${name}`, false, { message: `the agent of ${name} was never heard`, fix });
  const age = `heard ${Math.round(status.ageMs / 1_000)} s ago`;
  if (!connected)
    return check(`agent ${name}`, false, { message: `the agent of ${name} is gone, last ${age}`, fix });
  const { limits } = status;
  if (limits?.problem !== undefined)
    return check(`agent ${name}`, false, {
      message: `${age}, but its own limits cannot be read: ${limits.problem}`,
      fix: `the administrator of ${name} mends the limits of its agent; ${limits.stopped ? 'until then nothing is written' : 'those before them are in force'}`,
    });
  if (limits?.freeze)
    return check(`agent ${name}`, false, {
      message: `${age}, and writes nothing: frozen by ${limits.freeze.author}: ${limits.freeze.reason}`,
      fix: `the administrator of ${name} takes the freeze out of the limits of its agent`,
    });
  return check(`agent ${name}`, status.sourceConnected, {
    message: status.sourceConnected
      ? `${age}, Kubernetes ${status.kubernetesVersion}`
      : `${age}, but it does not reach NATS and follows no new release`,
    fix: `check that the agent in ${name} reaches nats-server and that its nkey is in the server's config`,
  });
}

function checkClocks(skews: ReadonlyMap<string, number>): Check {
  const wrong = [...skews].filter(([, skewMs]) => Math.abs(skewMs) > allowedSkewMs);
  return check('clocks', wrong.length === 0, {
    message:
      wrong.length === 0
        ? `all clocks agree within ${allowedSkewMs / 1_000} s`
        : wrong
            .map(
              ([name, skewMs]) =>
                `${name} is ${Math.abs(Math.round(skewMs / 1_000))} s ${skewMs > 0 ? 'ahead' : 'behind'}`,
            )
            .join(', '),
    fix: 'run a time service there; certificates and expiries depend on the clock',
  });
}

async function checkLedger({ audit, natsConnected }: DoctorPorts, signal: AbortSignal): Promise<Check> {
  const fix = 'keep the ledger as it is and report this with the output of `meridian doctor -o json`';
  if (!natsConnected())
    return check('ledger', false, {
      message: 'the ledger cannot be read while NATS is away',
      fix: 'bring NATS back first',
    });
  try {
    const [first, ...rest] = await audit(AbortSignal.any([signal, AbortSignal.timeout(auditTimeoutMs)]));
    if (!first) return check('ledger', true, { message: 'the invariants of the ledger hold', fix });
    const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
    return check('ledger', false, {
      message: `${first.invariant} is broken at sequence ${first.sequence}: ${first.message}${more}`,
      fix,
    });
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    return check('ledger', false, {
      message: `the ledger cannot be read: ${errorText(error)}`,
      fix: 'check nats-server and its disk',
    });
  }
}
