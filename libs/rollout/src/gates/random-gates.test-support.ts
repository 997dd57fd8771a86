import type { CheckReport, Gate, RolloutStrategy } from '@meridian/fleet';
import fc from 'fast-check';
import type { RolloutEvent } from '../events.ts';
import { presentStage } from '../moving.ts';
import type { RolloutState } from '../state.ts';
import { checksNeeded } from './checks.ts';
import { sides } from './gate-of.ts';

const people: Gate = {
  ...{ kind: 'approval', name: 'qa', required: 2, excludeAuthor: false, expiresAfterMs: 300_000 },
};
const system: Gate = {
  kind: 'webhook',
  name: 'change',
  url: 'https://gates.example.com/',
  intervalMs: 5_000,
};
const smoke: Gate = {
  ...{ kind: 'job', name: 'smoke', spec: { template: {} }, timeoutMs: 60_000, firstInstall: 'pass' },
};

/** A gate of numbers; at most 1 is good. */
function numbers(name: string, aggregate: 'every' | 'mean', forMs: number): Gate {
  const asked = { source: 'prometheus', query: 'errors', intervalMs: 10_000, max: 1, aggregate } as const;
  return { ...{ kind: 'metric', name, ...asked, forMs, failAfterMs: 30_000, firstInstall: 'hold' } };
}

const canary = { name: 'canary', clusters: { matchLabels: { tier: 'canary' } }, maxConcurrent: 1, soakMs: 0 };
const prod = { name: 'prod', clusters: { matchLabels: { tier: 'prod' } }, maxConcurrent: 2, soakMs: 0 };

/** Stages with gates of every kind, on both sides. */
export const gatedStages: readonly RolloutStrategy['stages'][] = [
  [
    { ...canary, after: [numbers('errors', 'every', 0), smoke] },
    { ...prod, before: [people] },
  ],
  [
    { ...canary, before: [system, smoke], soakMs: 30_000, after: [numbers('errors', 'every', 30_000)] },
    { ...prod, before: [people], after: [numbers('latency', 'mean', 0), system] },
  ],
].map((stages) => stages.map((stage) => withOwnNames(stage)));

/** No two gates of a strategy have the same name. */
function withOwnNames(stage: RolloutStrategy['stages'][number]): RolloutStrategy['stages'][number] {
  const named = (side: 'before' | 'after') => {
    const gates = stage[side]?.map((gate) => ({ ...gate, name: `${gate.name}-${side}-${stage.name}` }));
    return gates ? { [side]: gates } : {};
  };
  return { ...stage, ...named('before'), ...named('after') };
}

/** What happens at gates, beside what clusters report. */
export const gateActions = fc.oneof(
  fc.record({
    do: fc.constant('word' as const),
    kind: fc.constantFrom('gateApproved', 'gateApproved', 'gateApproved', 'gateRejected'),
    author: fc.constantFrom('lena', 'omar', 'mia'),
    right: fc.constantFrom(true, true, false),
  }),
  fc.record({
    do: fc.constant('answer' as const),
    verdict: fc.constantFrom('pass', 'pass', 'wait', 'fail'),
    late: fc.constantFrom(0, 0, 0, 1),
  }),
);

type GateAction = typeof gateActions extends fc.Arbitrary<infer T> ? T : never;

/** What a person says at the gate of people, or another system at its own. */
export function gateEvent(action: GateAction, state: RolloutState | undefined): RolloutEvent {
  const { number = 0, release = { digest: 'none' } } = state?.target ?? {};
  if (action.do === 'word') {
    const { kind, author, right } = action;
    const who = { author, reason: 'because', roles: [], identities: [] };
    return { kind, release: right ? release.digest : 'another', ...who };
  }
  const { verdict, late } = action;
  return {
    ...{ kind: 'gateAnswered', rollout: number - late, release: release.digest },
    ...{ ...askedGate(state), verdict, message: verdict },
  };
}

function askedGate(state: RolloutState | undefined): { readonly gate: string; readonly attempt: number } {
  const stage = state && presentStage(state);
  const gates = sides.flatMap((side) => stage?.[side] ?? []);
  const asked = gates.find(({ name, phase }) => name.startsWith('change') && phase === 'open');
  return asked ? { gate: asked.name, attempt: asked.attempt } : { gate: 'change', attempt: 1 };
}

/** How checks come out in a random report. */
export const outcomes = fc.constantFrom('good', 'good', 'good', 'bad', 'nothing');

/** What the agent of a cluster says of the checks that it is asked for now. */
export function checksSaid(
  state: RolloutState | undefined,
  cluster: string,
  { outcome, nowMs }: { readonly outcome: 'good' | 'bad' | 'nothing'; readonly nowMs: number },
): { readonly checks?: CheckReport[] } {
  const needed = state ? (checksNeeded(state).get(cluster) ?? []) : [];
  const checks = needed.map(({ id, kind }): CheckReport => {
    const said = { id, observedAtMs: nowMs, message: outcome };
    if (outcome === 'nothing') return { ...said, phase: 'pending' };
    if (kind === 'job') return { ...said, phase: outcome === 'good' ? 'succeeded' : 'failed' };
    return { ...said, phase: 'measured', value: outcome === 'good' ? 0.5 : 7 };
  });
  return checks.length > 0 ? { checks } : {};
}
