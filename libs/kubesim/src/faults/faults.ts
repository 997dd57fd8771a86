import { FaultRuleError, readFaultRule } from './fault-rule.ts';
import type { Fault, FaultOf, FaultRule } from './fault-rule.ts';
import { isMatched } from './match-rule.ts';
import type { FaultRequest } from './match-rule.ts';

/** A rule that is in force. Disposing it removes it. */
export interface FaultHandle extends Disposable {
  readonly id: string;
  readonly rule: FaultRule;
  /** How many requests met it. */
  readonly count: number;
  /** Takes the rule out of force. What it holds back goes on; what it broke stays broken. */
  remove(): void;
}

/** A fault that a request meets. */
export interface MetFault {
  readonly fault: Fault;
  /** Calls back when the rule is removed. @returns what to call when nobody waits for that any more. */
  onRemove(listener: () => void): () => void;
}

/** A watch that is open, which later rules meet too. */
export interface FaultyWatch {
  readonly request: FaultRequest;
  /** Whether anything can still happen to it. */
  readonly isOpen: () => boolean;
  meet(met: MetFault): void;
}

const ofWatches: readonly Fault['kind'][] = ['dropWatch', 'silenceWatch', 'failWatch'];
const ofRequests: readonly Fault['kind'][] = [
  ...ofWatches,
  'delay',
  'refuse',
  'drop',
  'truncate',
  'slow',
  'expire',
  'compact',
];

/** Every request is held against each rule. */
const mostRules = 1_000;

/** The faults that one cluster was asked for. Rules are met in the order in which they came. */
export class Faults {
  readonly #random: () => number;
  readonly #rules = new Map<string, Rule>();
  readonly #watches = new Set<FaultyWatch>();
  #added = 0;

  /** `random` gives numbers in [0, 1), by which shares of requests and jitter are drawn. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Puts a rule in force; watches that are open meet it too. Throws FaultRuleError when it says nothing sensible or is one too many. */
  add(rule: FaultRule): FaultHandle {
    return this.addRead(rule);
  }

  /** Puts a rule in force of which nothing is known yet. Throws FaultRuleError. */
  addRead(given: unknown): FaultHandle {
    const read = readFaultRule(given);
    if (this.#rules.size >= mostRules)
      throw new FaultRuleError(`${String(mostRules)} rules are in force, and no more may be: remove some`);
    this.#added += 1;
    const id = String(this.#added);
    const rule = new Rule(id, read, () => this.#rules.delete(id));
    this.#rules.set(id, rule);
    if (ofWatches.includes(rule.rule.fault.kind)) {
      for (const watch of [...this.#watches]) {
        if (watch.isOpen() && rule.meets(watch.request, this.#random)) watch.meet(rule.met);
      }
    }
    return rule;
  }

  /** The rules that are in force. */
  list(): readonly FaultHandle[] {
    return [...this.#rules.values()];
  }

  /** Removes all rules. */
  clear(): void {
    for (const rule of this.list()) rule.remove();
  }

  /** How far the clock is off, in milliseconds. */
  get skewMs(): number {
    let skewMs = 0;
    for (const { rule } of this.#rules.values())
      if (rule.fault.kind === 'skewClock') skewMs += rule.fault.byMs;
    return skewMs;
  }

  /** A random number of at most so much. */
  drawUpTo(most: number): number {
    return this.#random() * most;
  }

  /** The faults that a request meets. `isOf` leaves out those that cannot happen to it, which are not counted. */
  meet(request: FaultRequest, isOf: (kind: Fault['kind']) => boolean): readonly MetFault[] {
    const met: MetFault[] = [];
    for (const rule of this.#rules.values()) {
      const { kind } = rule.rule.fault;
      const happens = ofRequests.includes(kind) && (request.verb === 'watch' || !ofWatches.includes(kind));
      if (happens && isOf(kind) && rule.meets(request, this.#random)) met.push(rule.met);
    }
    return met;
  }

  /** The mutations that a write meets. */
  meetMutations(request: FaultRequest): readonly FaultOf<'mutate'>[] {
    const met: FaultOf<'mutate'>[] = [];
    for (const rule of this.#rules.values()) {
      const { fault } = rule.rule;
      if (fault.kind === 'mutate' && rule.meets(request, this.#random)) met.push(fault);
    }
    return met;
  }

  /** Lets later rules meet a watch. @returns what to call when it is closed. */
  watchOpened(watch: FaultyWatch): () => void {
    this.#watches.add(watch);
    return () => void this.#watches.delete(watch);
  }
}

class Rule implements FaultHandle {
  readonly id: string;
  readonly rule: FaultRule;
  readonly met: MetFault;
  count = 0;
  #matched = 0;
  readonly #forget: () => void;
  readonly #listeners = new Set<() => void>();

  constructor(id: string, rule: FaultRule, forget: () => void) {
    this.id = id;
    this.rule = rule;
    this.#forget = forget;
    this.met = {
      fault: rule.fault,
      onRemove: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
    };
  }

  /** Whether a request meets the fault, which counts it. */
  meets(request: FaultRequest, random: () => number): boolean {
    const { match = {}, percent = 100, skip = 0, count = Number.POSITIVE_INFINITY } = this.rule;
    if (this.count >= count || !isMatched(match, request)) return false;
    this.#matched += 1;
    if (this.#matched <= skip || random() * 100 >= percent) return false;
    this.count += 1;
    return true;
  }

  remove(): void {
    this.#forget();
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  [Symbol.dispose](): void {
    this.remove();
  }
}
