import type { RolloutStrategy, RolloutWindow, Stage } from '@meridian/fleet';
import { decodeState, encodeState } from './codec.ts';
import { decide } from './decide.ts';
import { leavesOf, refusals } from './refusals.ts';
import type { Decision, ReleaseMade, RolloutEvent } from './events.ts';
import type { Policy, RolloutState } from './state.ts';
import {
  answerAtGate,
  checkReports,
  gatesShown,
  scriptedGate,
  withGates,
  wordAtGate,
} from './gates/script.test-support.ts';
import type { ScriptedGate } from './gates/script.test-support.ts';
import { holdOf, pair, secondsToMs, windowOf } from './scenario-words.test-support.ts';
import { shortDigest } from './step.ts';
import { rolloutHistory, wakeAtMs } from './view.ts';

interface World {
  nowMs: number;
  labels: { [cluster: string]: { [key: string]: string } };
  strategy: RolloutStrategy;
  policy: Policy;
  windows: readonly RolloutWindow[];
  gates: readonly ScriptedGate[];
  authors: readonly string[] | undefined;
  state: RolloutState | undefined;
  /** Every release so far, as it was made. */
  made: Map<string, ReleaseMade>;
}

const usualPolicy: Policy = {
  namespace: 'ml',
  prune: true,
  selfHeal: true,
  createNamespace: true,
  deletionBudget: '50%',
};

/**
 * Plays a script and gives it back with what happened. Blocks are separated by blank lines; a block is comment lines
 * (`#`), one command, `----`, and the expected outcome, which is replaced by the real one.
 */
export function runScenario(text: string): string {
  const world: World = {
    nowMs: 0,
    labels: {},
    strategy: { name: 'plain', stages: [], progressDeadlineMs: 600_000, failureBudget: 0 },
    policy: usualPolicy,
    windows: [],
    gates: [],
    authors: undefined,
    state: undefined,
    made: new Map(),
  };
  const blocks = text
    .trim()
    .split(/\n\n+/)
    .map((block) => block.split('\n----')[0] ?? '');
  return `${blocks.map((block) => playBlock(world, block.trimEnd())).join('\n\n')}\n`;
}

function playBlock(world: World, block: string): string {
  const command = block
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .join(' ');
  if (command === '') return block;
  const outcome = perform(world, command.trim().split(/\s+/));
  return outcome === undefined ? block : `${block}\n----\n${outcome}`;
}

/** Commands that change what the next ones start from, and tell nothing. */
const settings: { readonly [verb: string]: (world: World, words: readonly string[]) => void } = {
  cluster: (world, [name = '', ...words]) => {
    world.labels[name] = Object.fromEntries(words.map((word) => pair(word)));
  },
  strategy: (world, words) => {
    const windows = world.windows.length > 0 ? { windows: world.windows } : {};
    const strategy = { ...strategyOf(words), ...windows };
    const stages = strategy.stages.map((stage) => withGates(stage, world.gates));
    world.strategy = { ...strategy, stages };
  },
  gate: (world, words) => {
    world.gates = [...world.gates, scriptedGate(words)];
  },
  authors: (world, words) => {
    world.authors = words;
  },
  window: (world, words) => {
    world.windows = windowOf(world.windows, words);
  },
  budget: (world, [budget]) => {
    world.policy = { ...world.policy, deletionBudget: budget as Policy['deletionBudget'] };
  },
};

function perform(world: World, [verb = '', ...words]: readonly string[]): string | undefined {
  const setting = settings[verb];
  if (setting) {
    setting(world, words);
    return undefined;
  }
  switch (verb) {
    case 'failover':
      return failover(world);
    case 'show':
      return stateText(world.state, world.nowMs);
    case 'wait':
      world.nowMs += secondsToMs(words[0] ?? '0s');
      return apply(world, {
        kind: 'tick',
        reports: Object.fromEntries(words.slice(1).map((word) => pair(word))),
      });
    default:
      return apply(world, eventOf(world, verb, words));
  }
}

function eventOf(world: World, verb: string, words: readonly string[]): RolloutEvent {
  const [first = '', ...more] = words;
  switch (verb) {
    case 'release':
      return releaseEvent(world, first, more);
    case 'status':
      return statusEvent(world, first, more);
    case 'hold':
      return { kind: 'holdsChanged', holds: words.map(holdOf) };
    case 'approve':
      return approveEvent(first, more);
    case 'agree':
      return wordAtGate('gateApproved', words);
    case 'reject':
      return wordAtGate('gateRejected', words);
    case 'answer':
      return answerAtGate(words);
    default:
      return askedEvent(world, `${verb}Requested`, words);
  }
}

// release R us-west-2=A/4 us-east-1=A/4-2 floor:us-west-2=7   (bundle/objects-dropped)
function releaseEvent(world: World, digest: string, words: readonly string[]): RolloutEvent {
  const bundles: { [cluster: string]: { digest: string; objects: number } } = {};
  const removals: { [cluster: string]: number } = {};
  const floors: { [cluster: string]: number } = {};
  for (const [name, value] of words.map(pair)) {
    if (name.startsWith('floor:')) {
      floors[name.slice(6)] = Number(value);
      continue;
    }
    const [bundle = '', counts = ''] = value.split('/');
    const [objects = '0', dropped = '0'] = counts.split('-');
    bundles[name] = { digest: bundle, objects: Number(objects) };
    removals[name] = Number(dropped);
  }
  const release = { digest, application: 'inference', revision: `c0ffee${digest}`, bundles };
  const { strategy, policy, labels } = world;
  const authors = world.authors ? { authors: world.authors } : {};
  const facts = { strategy, policy, labels, removals, floors, ...authors };
  const made = { kind: 'releaseMade', release, ...facts } as const;
  world.made.set(digest, made);
  return made;
}

const plainVerbs = [
  'pauseRequested',
  'resumeRequested',
  'abortRequested',
  'promoteRequested',
  'breakGlassRequested',
  'retryRequested',
] as const;

// pause R lena some reason; rollback R lena to=R1 reason (a release that was made before); start R lena reason
function askedEvent(
  world: World,
  kind: string,
  [release = '', author = '', ...words]: readonly string[],
): RolloutEvent {
  const reason = words.filter((word) => !word.startsWith('to=')).join(' ');
  const who = { release, author, reason };
  if (kind === 'startRequested') {
    const made = world.made.get(release);
    if (made) return { kind, ...who, made };
    throw new Error(`no such release: ${release}`);
  }
  if (kind === 'rollbackRequested') {
    const to = world.made.get(words.find((word) => word.startsWith('to='))?.slice(3) ?? '');
    return { kind, ...who, ...(to ? { to: { release: to.release, policy: to.policy } } : {}) };
  }
  const plain = plainVerbs.find((one) => one === kind);
  if (plain) return { kind: plain, ...who };
  throw new Error(`no such command: ${kind}`);
}

// approve R lena [us-west-2=3] some reason
function approveEvent(release: string, [author = '', ...words]: readonly string[]): RolloutEvent {
  const seen = words.filter((word) => word.includes('=')).map(pair);
  const reason = words.filter((word) => !word.includes('=')).join(' ');
  const deletions = Object.fromEntries(seen.map(([cluster, count]) => [cluster, Number(count)]));
  const numbers = seen.length > 0 ? { deletions } : {};
  return { kind: 'deletionsApproved', release, author, reason, ...numbers };
}

// status us-west-2 R g1 Synced Healthy [stale] [refuses=3]
function statusEvent(world: World, cluster: string, words: readonly string[]): RolloutEvent {
  const [release = '', generation = '', sync = '', health = '', ...more] = words;
  const refused = more.map(pair).find(([name]) => name === 'refuses');
  return {
    kind: 'statusObserved',
    cluster,
    release,
    generation: Number(generation.slice(1)),
    sync: sync as 'Synced',
    health: health as 'Healthy',
    message: 'pods are pending',
    observedAtMs: world.nowMs,
    stale: more.includes('stale'),
    ...checkReports(more, world.nowMs),
    ...(refused ? { refusedDeletions: Number(refused[1]) } : {}),
  };
}

// strategy canary:region=west,max=1,soak=60s,mandatory all:max=50% deadline=600s failures=0 rollback queue manual
function strategyOf(words: readonly string[]): RolloutStrategy {
  const options = new Map(words.filter((word) => !word.includes(':')).map(pair));
  const stages = words
    .filter((word) => word.includes(':'))
    .map((word): Stage => {
      const [name = '', settings = ''] = word.split(':');
      const {
        max = '100%',
        soak = '0s',
        mandatory,
        ...matchLabels
      } = Object.fromEntries(settings.split(',').map(pair));
      const maxConcurrent = amount(max);
      const must = mandatory === undefined ? {} : { mandatory: true as const };
      return { name, clusters: { matchLabels }, maxConcurrent, soakMs: secondsToMs(soak), ...must };
    });
  const progressDeadlineMs = secondsToMs(options.get('deadline') ?? '600s');
  return {
    name: 'scripted',
    stages,
    progressDeadlineMs,
    failureBudget: amount(options.get('failures') ?? '0'),
    ...(options.has('rollback') ? { onBreach: 'rollback' } : {}),
    ...(options.has('queue') ? { onNewer: 'queue' } : {}),
    ...(options.has('manual') ? { start: 'manual' } : {}),
  };
}

function apply(world: World, event: RolloutEvent): string {
  const before = world.state;
  const decision = decide(world.state, event, world.nowMs);
  world.state = decision.next;
  const state = decision.next === before ? 'unchanged' : stateText(world.state, world.nowMs);
  return [`because ${decision.reason}`, ...decision.effects.map(effectText), state].join('\n');
}

function failover(world: World): string {
  const stored = world.state ? decodeState(encodeState(world.state)) : undefined;
  world.state = stored?.ok ? stored.state : undefined;
  return stateText(world.state, world.nowMs);
}

function effectText(effect: Decision['effects'][number]): string {
  if (effect.kind === 'lookAgain') return `look again at ${effect.application}`;
  if (effect.kind === 'event') return `event ${effect.event.type}: ${effect.event.message}`;
  if (effect.kind === 'reissue')
    return `assign ${effect.cluster} what it has g${effect.generation} deletions<=${effect.allowedDeletions}`;
  const bundle = effect.bundle ?? 'nothing';
  return `assign ${effect.cluster} ${effect.release} ${bundle} g${effect.generation} deletions<=${effect.allowedDeletions}`;
}

function stateText(state: RolloutState | undefined, nowMs: number): string {
  if (!state) return 'state: none';
  const stages = state.stages.map((stage) => {
    const clusters = stage.clusters.map((cluster) => {
      const generation = cluster.generation === undefined ? '' : ` g${cluster.generation}`;
      return `${cluster.name} ${cluster.phase}${generation}`;
    });
    return `  stage ${stage.name} ${stage.phase}: ${clusters.join(', ')}`;
  });
  const wakeMs = wakeAtMs(state);
  const [present, ...older] = rolloutHistory(state, nowMs);
  const refused = Object.entries(refusals(state)).map(([cluster, count]) => `${cluster} ${count}`);
  const asked = refused.length > 0 ? [`  refused deletions: ${refused.join(', ')}`] : [];
  const leaves = [...leavesOf(state)].map(
    ([cluster, leave]) => `${cluster} ${leave.deletions} by ${leave.author}`,
  );
  if (leaves.length > 0) asked.push(`  leave waits: ${leaves.join(', ')}`);
  const history =
    older.length > 0 ? [`  before: ${older.map((view) => `${view.id} ${view.phase}`).join(', ')}`] : [];
  const wake = wakeMs === undefined ? [] : [`  next deadline at ${wakeMs / 1000}s`];
  return [
    `state: ${present?.id ?? ''} ${present?.phase ?? ''}`,
    ...stages,
    ...gatesShown(state, nowMs),
    ...asked,
    ...gitText(state),
    ...history,
    ...wake,
  ].join('\n');
}

function amount(text: string): number | `${number}%` {
  return text.endsWith('%') ? (text as `${number}%`) : Number(text);
}

function gitText({ pin, queued }: RolloutState): string[] {
  const git = pin
    ? `  git says ${shortDigest(pin.release)}, other for ${pin.differs.join(', ')}; pinned: ${pin.reason}`
    : '';
  return [git, queued ? `  queued: ${queued.release}` : ''].filter((line) => line !== '');
}
