import type { CheckReport, Gate, Stage } from '@meridian/fleet';
import type { RolloutEvent } from '../events.ts';
import type { RolloutState } from '../state.ts';
import { checksNeeded, questionsDue } from './checks.ts';
import { gateOf, sides } from './gate-of.ts';
import type { Side } from './gate-of.ts';

/** A gate of a script, and the stage that it belongs to. */
export interface ScriptedGate {
  readonly side: Side;
  readonly stage: string;
  readonly gate: Gate;
}

// gate before canary qa approval required=2 roles=sre,lead expires=600s; gate after canary errors metric max=0.01 for=60s
export function scriptedGate([
  side = '',
  stage = '',
  name = '',
  kind = '',
  ...words
]: readonly string[]): ScriptedGate {
  const options = new Map(words.map((word) => word.split('=') as [string, string]));
  return { side: side as Side, stage, gate: gateFrom(kind, name, options) };
}

function gateFrom(kind: string, name: string, options: ReadonlyMap<string, string>): Gate {
  const ms = (option: string, otherwise: number) =>
    Number((options.get(option) ?? String(otherwise)).replace('s', '')) * 1000;
  const firstInstall = options.get('first') === 'pass' ? 'pass' : 'hold';
  switch (kind) {
    case 'approval': {
      const roles = options.get('roles')?.split(',');
      const who = { required: Number(options.get('required') ?? '1'), excludeAuthor: !options.has('anyone') };
      return { kind, name, ...who, ...(roles ? { roles } : {}), expiresAfterMs: ms('expires', 86_400) };
    }
    case 'metric': {
      const max = Number(options.get('max') ?? '1');
      const aggregate = (options.get('of') ?? 'every') as 'every';
      const times = { intervalMs: ms('interval', 60), forMs: ms('for', 0), failAfterMs: ms('fail', 0) };
      return {
        kind,
        name,
        source: 'prometheus',
        query: 'errors{cluster="{{cluster}}"}',
        max,
        aggregate,
        ...times,
        firstInstall,
      };
    }
    case 'job':
      return { kind, name, spec: { template: {} }, timeoutMs: ms('timeout', 600), firstInstall };
    default:
      return {
        kind: 'webhook',
        name,
        url: 'https://gates.example.com?key=k1',
        intervalMs: ms('interval', 30),
      };
  }
}

/** A stage with its gates of a script. */
export function withGates(stage: Stage, gates: readonly ScriptedGate[]): Stage {
  const of = (side: Side) => {
    const found = gates
      .filter((one) => one.stage === stage.name && one.side === side)
      .map(({ gate }) => gate);
    return found.length > 0 ? { [side]: found } : {};
  };
  return { ...stage, ...of('before'), ...of('after') };
}

// agree R lena [gate=qa] [role=sre] [as=lena@example.com] [wrote=anna@example.com] reason; reject R lena [gate=qa] reason
export function wordAtGate(kind: 'gateApproved' | 'gateRejected', words: readonly string[]): RolloutEvent {
  const [release = '', author = '', ...more] = words;
  const option = (name: string) =>
    more.flatMap((word) => (word.startsWith(`${name}=`) ? [word.slice(name.length + 1)] : []));
  const reason = more.filter((word) => !word.includes('=')).join(' ');
  const [gate] = option('gate');
  const who = { roles: option('role'), identities: option('as') };
  const authors = option('wrote');
  const found = kind === 'gateApproved' && authors.length > 0 ? { authors } : {};
  return { kind, release, author, reason, ...(gate === undefined ? {} : { gate }), ...who, ...found };
}

// answer R change 3-1 pass the calendar is free   (asked in rollout 3, first try)
export function answerAtGate([
  release = '',
  gate = '',
  tried = '',
  verdict = '',
  ...words
]: readonly string[]): RolloutEvent {
  const [rollout = 0, attempt = 0] = tried.split('-').map(Number);
  return {
    ...{ kind: 'gateAnswered', rollout, release, gate, attempt },
    ...{ verdict: verdict as 'pass', message: words.join(' ') },
  };
}

// check:errors-1-1=measured:0.02 (words of a status)
export function checkReports(words: readonly string[], nowMs: number): { readonly checks?: CheckReport[] } {
  const checks = words.flatMap((word): CheckReport[] => {
    const [, id = '', phase = '', value] = /^check:([^=]+)=([a-z]+)(?::(.+))?$/.exec(word) ?? [];
    if (id === '') return [];
    const number = value === undefined || Number.isNaN(Number(value)) ? {} : { value: Number(value) };
    const message = value !== undefined && Number.isNaN(Number(value)) ? value.replaceAll('_', ' ') : '';
    return [{ id, phase: phase as 'measured', ...number, observedAtMs: nowMs, message }];
  });
  return checks.length > 0 ? { checks } : {};
}

/** What a script shows of the gates that somebody has tried, and of what has to be asked for them. */
export function gatesShown(state: RolloutState, nowMs: number): string[] {
  const gates = state.stages.flatMap((stage) =>
    sides.flatMap((side) =>
      (stage[side] ?? [])
        .filter(({ phase }) => phase !== 'waiting')
        .map(({ name, phase, message }) => `  gate ${name} ${side} ${stage.name} ${phase}: ${message}`),
    ),
  );
  const checks = [...checksNeeded(state)].flatMap(([cluster, needed]) =>
    needed.map(
      (check) =>
        `  checks of ${cluster}: ${check.id} ${check.when} ${check.kind === 'metric' ? check.query : 'Job'}`,
    ),
  );
  const asks = questionsDue(state, nowMs).map(
    ({ gate, attempt }) => `  asks ${gate.url} for ${gate.name}, try ${attempt}`,
  );
  return [...gates, ...checks, ...asks, ...unknownGates(state)];
}

function unknownGates({ stages, target }: RolloutState): string[] {
  const names = stages.flatMap((stage) =>
    sides.flatMap((side) => (stage[side] ?? []).map(({ name }) => name)),
  );
  return names.filter((name) => !gateOf(target, name)).map((name) => `  nobody knows gate ${name}`);
}
