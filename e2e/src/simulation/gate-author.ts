import type { ApprovalGate, Dependency, Gate, JobGate, MetricGate, WebhookGate } from '@meridian/fleet';
import type { Random } from './random.ts';

/** What strategies of a world may ask for beside stages, drawn from randomness of its own: worlds without it stay as they are. */
export interface GatePlan {
  /** Strategies have gates. */
  readonly hasGates: boolean;
  /** There are two applications, and `web` waits for `model`. */
  readonly hasDependencies: boolean;
}

/** Draws what a world has of gates and dependencies. */
export function drawGatePlan(random: Random): GatePlan {
  return { hasGates: random.chance(0.35), hasDependencies: random.chance(0.15) };
}

/** The gates of one stage as they are written. */
export interface StageGates {
  readonly before?: readonly Gate[];
  readonly after?: readonly Gate[];
}

/** Numbers above it are bad. */
export const mostGood = 10;

/** Draws the gates of a stage; half of all have none. */
export function drawGates(random: Random, tier: string): StageGates {
  const draw = (side: 'before' | 'after') => {
    const count = random.pick([0, 0, 0, 1, 1, 2]);
    return Array.from({ length: count }, (_, at) => drawGate(random, `${tier}-${side}-${at + 1}`));
  };
  const [before, after] = [draw('before'), draw('after')];
  return { ...(before.length > 0 ? { before } : {}), ...(after.length > 0 ? { after } : {}) };
}

/** What an application waits for, as it is written now. */
export function drawDependsOn(random: Random, application: string): readonly Dependency[] {
  if (application !== 'web' || random.chance(0.15)) return [];
  return [{ application: 'model', scope: random.chance(0.4) ? 'fleet' : 'cluster' }];
}

function drawGate(random: Random, name: string): Gate {
  return random.pick([approvalGate, approvalGate, metricGate, jobGate, webhookGate])(random, name);
}

/** Draws a gate at which people say yes or no. */
export function approvalGate(random: Random, name: string): ApprovalGate {
  const roles = random.pick([[], [], [['sre']], [['lead']]]);
  return {
    kind: 'approval',
    name,
    required: random.pick([1, 1, 2, 3]),
    ...(roles[0] ? { roles: roles[0] } : {}),
    excludeAuthor: random.chance(0.6),
    expiresAfterMs: random.pick([9_000, 14_000, 60_000]),
  };
}

function metricGate(random: Random, name: string): MetricGate {
  return {
    kind: 'metric',
    name,
    source: 'prometheus',
    query: `${name} release={{release}}`,
    intervalMs: random.pick([1_500, 3_000]),
    max: mostGood,
    aggregate: random.pick(['every', 'every', 'max', 'mean', 'min'] as const),
    forMs: random.pick([0, 0, 6_000, 24_000]),
    failAfterMs: random.pick([0, 4_000, 60_000]),
    firstInstall: random.pick(['pass', 'pass', 'pass', 'hold'] as const),
  };
}

function jobGate(random: Random, name: string): JobGate {
  const firstInstall = random.pick(['pass', 'pass', 'pass', 'hold'] as const);
  return { kind: 'job', name, spec: { gate: name }, timeoutMs: 10_000, firstInstall };
}

function webhookGate(random: Random, name: string): WebhookGate {
  const intervalMs = random.pick([2_000, 5_000]);
  return { kind: 'webhook', name, url: 'https://gates.example.com/', intervalMs };
}
