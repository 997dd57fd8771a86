import type { Moving, RolloutState } from '@meridian/rollout';
import { figuresOf } from './figure.ts';
import type { Figure } from './figure.ts';
import type { BareStream } from './bare-stream.ts';
import { guardedApplication, markedFiles } from './rollout-files.ts';
import { publish } from './rollout-rig.ts';
import type { RolloutRig } from './rollout-rig.ts';
import { rolloutIn } from './rollout-watch.ts';

/** How long after the start of its soak a cluster loses its health for a moment, so that the soak lasts beyond the stage's bound. */
const flapAfterMs = 4_500;
const afterBoundMs = 150;

interface Samples {
  readonly halts: number[];
  readonly backs: number[];
  readonly limit: number[];
}

/**
 * What a failure takes to stop a rollout that goes back by itself. `report`: a cluster reports Degraded at a time when a
 * report fails it at once, because its stage was to be over by then. `deadline`: a cluster has been Degraded all along, which
 * may pass, so it fails at its deadline. Both until the ledger has the decision, and until it has the first assignment back.
 */
export async function haltFigures(
  rig: RolloutRig,
  bare: BareStream,
  rounds: number,
): Promise<readonly Figure[]> {
  const kinds = { report: failByReport, deadline: failByDeadline };
  const figures: Figure[] = [];
  for (const [kind, fail] of Object.entries(kinds)) {
    const samples: Samples = { halts: [], backs: [], limit: [] };
    for (let round = 0; round < rounds; round += 1) {
      rig.context.progress(`halt by ${kind} ${round + 1} of ${rounds}`);
      await oneRound(rig, bare, { mark: `${kind}-${round}`, fail, samples });
    }
    figures.push(...figuresOfKind(kind, samples));
  }
  return figures;
}

type Fail = (rig: RolloutRig, commit: string, cluster: string) => Promise<number>;

async function oneRound(
  rig: RolloutRig,
  bare: BareStream,
  { mark, fail, samples }: { readonly mark: string; readonly fail: Fail; readonly samples: Samples },
): Promise<void> {
  const { watch } = rig;
  const [cluster = ''] = rig.clusters;
  const after = watch.sequence();
  const commit = await rig.repo.stage(markedFiles(guardedApplication, mark));
  const halted = watch.next(
    'the rollout goes back',
    (message) => {
      const phase = stateOf(message, commit)?.phase;
      return phase === 'halted' || phase === 'rollingBack' ? message : undefined;
    },
    { after },
  );
  const failedAtMs = await fail(rig, commit, cluster);
  const decision = await halted;
  const back = await watch.next(
    'the first assignment back',
    ({ subject, sequence, atMs }) =>
      sequence > decision.sequence &&
      subject.endsWith(`.${guardedApplication}`) &&
      subject.includes('.assign.')
        ? atMs
        : undefined,
    { after: decision.sequence },
  );
  samples.halts.push(decision.atMs - failedAtMs);
  samples.backs.push(back - failedAtMs);
  samples.limit.push(await bare.publishAll([decision.body.length], rig.context.signal));
  await rig.agents.ask({
    kind: 'become',
    application: guardedApplication,
    clusters: [cluster],
    health: 'Healthy',
  });
  await watch.next('the fleet is back', (message) => isBack(rolloutIn(message, guardedApplication)), {
    after,
  });
}

const isBack = (state: RolloutState | undefined) => (state?.phase === 'rolledBack' ? true : undefined);

function stateOf(message: Parameters<typeof rolloutIn>[0], commit: string): RolloutState | undefined {
  const state = rolloutIn(message, guardedApplication);
  if (!state) return undefined;
  const { release, back } = state.target;
  return release.revision === commit || back?.fromRevision === commit ? state : undefined;
}

/** Unix time in milliseconds just before the cluster says that it is Degraded. */
async function failByReport(rig: RolloutRig, commit: string, cluster: string): Promise<number> {
  const soaking = rig.watch.next('the soak', (message) => {
    const state = stateOf(message, commit);
    return state?.stages[0]?.phase === 'soaking' ? state.stages[0] : undefined;
  });
  await publish(rig, commit);
  const { boundAtMs = 0, soakSinceMs = 0 } = await soaking;
  const become = (health: 'Degraded' | 'Healthy') =>
    rig.agents.ask({ kind: 'become', application: guardedApplication, clusters: [cluster], health });
  const again = rig.watch.next('the soak begins again', (message) => {
    const stage = stateOf(message, commit)?.stages[0];
    return stage?.phase === 'soaking' && (stage.soakSinceMs ?? 0) > soakSinceMs ? true : undefined;
  });
  const lost = rig.watch.next('health is lost', (message) => {
    const state = stateOf(message, commit);
    return state?.stages[0]?.clusters.some(({ phase }) => phase === 'assigned') ? true : undefined;
  });
  await at(soakSinceMs + flapAfterMs);
  await become('Degraded');
  await lost;
  await become('Healthy');
  await again;
  await at(boundAtMs + afterBoundMs);
  return become('Degraded');
}

/** Unix time in milliseconds of the cluster's deadline. */
async function failByDeadline(rig: RolloutRig, commit: string, cluster: string): Promise<number> {
  await rig.agents.ask({
    kind: 'become',
    application: guardedApplication,
    clusters: [cluster],
    health: 'Degraded',
  });
  const deadline = rig.watch.next('the deadline', (message) => {
    const state = stateOf(message, commit) as Moving | undefined;
    return state?.stages[0]?.clusters.find(({ name }) => name === cluster)?.deadlineAtMs;
  });
  await publish(rig, commit);
  return deadline;
}

async function at(unixMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, unixMs - Date.now())));
}

function figuresOfKind(kind: string, { halts, backs, limit }: Samples): readonly Figure[] {
  const what = kind === 'report' ? 'failing report' : 'deadline of a failing cluster';
  const against = { name: 'bare publish of the decision', samples: limit };
  const statistics = ['p50', 'p90', 'max'] as const;
  const shared = { unit: 'ms', statistics, against };
  return [
    ...figuresOf('rollout', { figure: `${what} to halt in the ledger`, samples: halts, ...shared }),
    ...figuresOf('rollout', { figure: `${what} to first assignment back`, samples: backs, ...shared }),
  ];
}
