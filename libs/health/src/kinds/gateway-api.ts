import type { KubeObject } from '@meridian/manifests';
import { stated } from '../forms/conditions.ts';
import { conditionTest } from '../forms/condition-test.ts';
import type { ConditionTest } from '../forms/condition-test.ts';
import { at, conditionsIn, conditionsOf, generationOf, listAt, textAt } from '../read.ts';
import type { Condition } from '../read.ts';
import type { Rule } from '../rule.ts';
import { degraded, healthy, progressing } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

// The Gateway API tells conditions for each parent (gateway, ancestor, listener). They count only when none of them speaks
// of another generation: an old "accepted" says nothing of the new spec.

const unresolved = conditionTest('ResolvedRefs=False');
const unaccepted = conditionTest('Accepted=False');
const unprogrammed = conditionTest('Programmed!=True');
const waiting = 'its controller has not told anything of the present generation yet';

interface Parent {
  readonly name: string;
  readonly conditions: readonly Condition[];
}

function listed(object: KubeObject, list: string, ref: string): readonly Parent[] {
  return listAt(object, 'status', list).map((entry) => ({
    name: textAt(entry, ref, 'name') || textAt(entry, 'name'),
    conditions: conditionsIn(entry, 'conditions'),
  }));
}

function isCurrent({ conditions }: Parent, generation: number | undefined): boolean {
  if (generation === undefined) return true;
  return conditions.every(
    ({ observedGeneration }) => observedGeneration === undefined || observedGeneration === generation,
  );
}

function first({ name, conditions }: Parent, tests: readonly ConditionTest[]): string | undefined {
  for (const test of tests) {
    const found = conditions.find(test);
    if (found) return name ? `${name}: ${stated(found)}` : stated(found);
  }
  return undefined;
}

/** What the parents of a route say; the first that is not well decides. */
function judgeParent(parent: Parent): Verdict | undefined {
  const bad = first(parent, [unresolved, unaccepted]);
  if (bad !== undefined) return degraded(bad);
  const slow = first(parent, [unprogrammed]);
  return slow === undefined ? undefined : progressing(slow);
}

/**
 * Routes, and an InferencePool: every parent. `mustBeAccepted`: a parent that has told neither Accepted nor ResolvedRefs is
 * waited for; one that has both is enough.
 */
export function parents(options: { readonly list?: string; readonly mustBeAccepted?: true } = {}): Rule {
  const { list = 'parents', mustBeAccepted } = options;
  return (object) => {
    const told = listed(object, list, 'parentRef').filter(
      (parent) => parent.conditions.length > 0 && isCurrent(parent, generationOf(object)),
    );
    const verdicts = told.flatMap((parent) => judgeParent(parent) ?? []);
    const worst = (mustBeAccepted && verdicts.find(({ health }) => health === 'Degraded')) || verdicts[0];
    if (worst) return worst;
    const fine = mustBeAccepted ? told.filter(isTaken) : told;
    return fine.length > 0 ? healthy('its parents have accepted it') : progressing(waiting);
  };
}

function isTaken({ conditions }: Parent): boolean {
  const says = (type: string) => conditions.some((one) => one.type === type && one.status === 'True');
  return says('Accepted') && says('ResolvedRefs');
}

/** Policies of Envoy Gateway: no ancestor that speaks of the present generation refuses it. */
export function ancestors(): Rule {
  return (object) => {
    const told = listed(object, 'ancestors', 'ancestorRef').filter(
      (ancestor) => ancestor.conditions.length > 0 && isCurrent(ancestor, generationOf(object)),
    );
    for (const ancestor of told) {
      const bad = first(ancestor, [unaccepted]);
      if (bad !== undefined) return degraded(bad);
    }
    return told.length > 0 ? healthy('it is accepted') : progressing(waiting);
  };
}

const notAccepted = conditionTest('Accepted!=True');
const notResolved = conditionTest('ResolvedRefs!=True');
const accepted = conditionTest('Accepted=True');

/** BackendTLSPolicy: all ancestors must speak of the present generation, accept it and find what it refers to. */
export const policyOfBackend: Rule = (object) => {
  const told = listed(object, 'ancestors', 'ancestorRef');
  if (told.some((ancestor) => !isCurrent(ancestor, generationOf(object)))) return progressing(waiting);
  for (const ancestor of told) {
    const bad = ancestor.conditions.find((one) => notAccepted(one) || notResolved(one));
    if (bad) return degraded(`${ancestor.name}: ${stated(bad)}`);
  }
  const fine = told.some(({ conditions }) => conditions.some(accepted));
  return fine ? healthy('it is accepted') : progressing(waiting);
};

/** Policies of Airlock: as BackendTLSPolicy, and an ancestor that does not say that it accepts, refuses. */
export const policyOfAirlock: Rule = (object) => {
  if (!object.kind.endsWith('Policy')) return healthy('the object exists');
  const told = listed(object, 'ancestors', 'ancestorRef');
  if (told.length === 0 || !areAllOf(told, generationOf(object))) return progressing(waiting);
  const refused = told.flatMap(({ name, conditions }) => {
    const bad = conditions.find((one) => notAccepted(one) || notResolved(one));
    return bad ? [`${name}: ${stated(bad)}`] : [];
  })[0];
  if (refused !== undefined) return degraded(refused);
  const last = told.at(-1);
  return last?.conditions.some(accepted)
    ? healthy('it is accepted')
    : degraded(`${last?.name ?? ''} does not say that it accepts it`);
};

/** Whether every condition tells its generation, and that is the present one. */
function areAllOf(told: readonly Parent[], generation: number | undefined): boolean {
  if (generation === undefined) return true;
  return told.every(({ conditions }) =>
    conditions.every(({ observedGeneration }) => observedGeneration === generation),
  );
}

/** Gateway: its own conditions, then those of every listener. */
export const judgeGateway: Rule = (object) => {
  const own: Parent = { name: '', conditions: conditionsOf(object) };
  const listeners = listed(object, 'listeners', 'name').map((one) => ({
    ...one,
    name: `listener ${one.name}`,
  }));
  for (const parent of [own, ...listeners]) {
    const verdict = judgeParent(parent);
    if (verdict) return verdict;
  }
  const isTold = at(object, 'status', 'conditions') !== undefined || listeners.length > 0;
  return isTold ? healthy('the gateway is programmed') : progressing(waiting);
};

const conflicted = conditionTest('Conflicted=True');

/** ListenerSet: as a Gateway, but it waits for conditions of the present generation and for listeners. */
export const judgeListenerSet: Rule = (object) => {
  const own: Parent = { name: '', conditions: conditionsOf(object) };
  if (!isCurrent(own, generationOf(object))) return progressing(waiting);
  const bad = first(own, [unaccepted]);
  if (bad !== undefined) return degraded(bad);
  const slow = first(own, [unprogrammed]);
  if (slow !== undefined) return progressing(slow);
  const listeners = listed(object, 'listeners', 'name');
  for (const listener of listeners) {
    const wrong = first(listener, [unresolved, conflicted, unaccepted]);
    if (wrong !== undefined) return degraded(`listener ${wrong}`);
    const later = first(listener, [unprogrammed]);
    if (later !== undefined) return progressing(`listener ${later}`);
  }
  return listeners.length > 0 ? healthy('all listeners are programmed') : progressing(waiting);
};
