import { conditions, stated } from '../forms/conditions.ts';
import { at, conditionOf, conditionsIn, generationOf, textAt } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing } from '../verdict.ts';

// Source: the health checks of Argo CD for Kyverno (resource_customizations), written anew.

/** The CEL policies keep their conditions, and one word for them, in `status.conditionStatus`. */
const celPolicy: Rule = (object) => {
  const status = at(object, 'status', 'conditionStatus');
  if (status === undefined) return progressing('its controller has told nothing yet');
  const found = conditionsIn(status, 'conditions');
  const generation = generationOf(object) ?? 0;
  if (found.some(({ observedGeneration }) => (observedGeneration ?? generation) < generation))
    return progressing('its controller has not seen the latest change yet');
  if (at(status, 'ready') === true) return healthy('the policy is ready');
  const bad = found.find((one) => one.status === 'False');
  return degraded(bad ? stated(bad) : textAt(status, 'message') || 'the policy is not ready');
};

const policy: Rule = (object) => {
  const found = conditionOf(object, 'Ready');
  const isReady = found?.status === 'True' && found.reason === 'Succeeded' && found.message === 'Ready';
  return isReady
    ? healthy('the policy is ready')
    : progressing(found ? stated(found) : 'the policy is not ready yet');
};

/** Kyverno. */
export const kyvernoKinds: KindTable = {
  'kyverno.io/ClusterPolicy': conditions(['Ready=True', 'Healthy'], ['Ready', 'Degraded']),
  'kyverno.io/Policy': policy,
  'policies.kyverno.io/*': celPolicy,
};
