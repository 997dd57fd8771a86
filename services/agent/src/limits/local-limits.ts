import type { AgentLimits, ChangeRate, DeletionLimits, LimitsReport } from '@meridian/fleet';
import type { Clock } from '@meridian/runtime';
import { describeLimits, freezeText } from './describe.ts';
import { createPace } from './pace.ts';
import type { Pace } from './pace.ts';
import { limitRules } from './rules.ts';
import type { LimitRules } from './rules.ts';

/** What the administrator of this cluster lets the agent do now. Nothing of it comes from a hub. */
export interface LocalLimits {
  /** Grows whenever other limits hold. */
  readonly revision: number;
  readonly rules: LimitRules;
  readonly changeRate: ChangeRate | undefined;
  readonly deletions: DeletionLimits | undefined;
  /** Whether some kinds are refused because they are outside namespaces. */
  readonly looksAtScope: boolean;
  readonly pace: Pace;
  /** Why nothing at all may be written now; undefined when it may. */
  stopped(): string | undefined;
  /** What people are shown; undefined without any limits. */
  report(): LimitsReport | undefined;
  /** Is called after other limits have come to hold, and when a freeze has begun or ended. */
  onChanged(listener: () => void): void;
}

/** Limits that can be set. */
export interface SettableLimits extends LocalLimits {
  set(limits: AgentLimits): void;
  /** Notes why the newest limits are not followed; undefined when they are. */
  setProblem(problem: string | undefined): void;
  /** Tells listeners when a freeze has begun or ended with time. */
  look(): void;
}

/**
 * Makes limits that are not there yet. With `isRequired` nothing may be written until they are: an agent that was told of
 * limits must not act without them.
 */
export function createLocalLimits(
  clock: Clock,
  { isRequired }: { readonly isRequired: boolean },
): SettableLimits {
  const pace = createPace();
  const listeners: (() => void)[] = [];
  let limits: AgentLimits | undefined = isRequired ? undefined : {};
  let rules = limitRules({});
  let problem: string | undefined;
  let revision = 0;
  let wasStopped: string | undefined;

  const stopped = (): string | undefined => {
    if (!limits)
      return `nothing is written in this cluster until its limits can be read: ${problem ?? 'they are not read yet'}`;
    const { freeze } = limits;
    if (!freeze || (freeze.untilMs ?? Infinity) <= clock.nowMs()) return undefined;
    return `this cluster is ${freezeText(freeze)}`;
  };
  const tell = () => {
    wasStopped = stopped();
    for (const listener of listeners) listener();
  };

  return {
    get revision() {
      return revision;
    },
    get rules() {
      return rules;
    },
    get changeRate() {
      return limits?.changeRate;
    },
    get deletions() {
      return limits?.deletions;
    },
    get looksAtScope() {
      return limits?.kinds?.clusterScoped !== undefined;
    },
    pace,
    stopped,
    report() {
      const { freeze } = limits ?? {};
      const isStopped = stopped() !== undefined;
      const lines = describeLimits(limits ?? {});
      if (!isStopped && problem === undefined && lines.length === 0) return undefined;
      return {
        stopped: isStopped,
        rules: lines,
        ...(freeze && isStopped ? { freeze } : {}),
        ...(problem === undefined ? {} : { problem }),
      };
    },
    onChanged: (listener) => void listeners.push(listener),
    set(next) {
      limits = next;
      rules = limitRules(next);
      pace.set(next.changeRate, clock.monotonicMs());
      problem = undefined;
      revision += 1;
      tell();
    },
    setProblem(next) {
      if (next === problem) return;
      problem = next;
      tell();
    },
    look() {
      if (stopped() !== wasStopped) tell();
    },
  };
}
