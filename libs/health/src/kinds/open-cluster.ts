import { conditions } from '../forms/conditions.ts';
import { unlessStale } from '../forms/before.ts';
import { at, generationOf, listAt, textAt } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing } from '../verdict.ts';

// Source: the health checks of Argo CD for Open Cluster Management's policies (resource_customizations), written anew.

const notYet = progressing('no compliance is told yet');

function compliance(object: unknown, who: () => string) {
  const compliant = textAt(object, 'status', 'compliant');
  return compliant === 'Compliant' ? healthy('it is complied with') : degraded(`not complied with${who()}`);
}

const isTold = (object: unknown) => at(object, 'status', 'compliant') !== undefined;

const certificate: Rule = (object) => (isTold(object) ? compliance(object, () => '') : notYet);

const configuration: Rule = (object) => {
  const isCurrent = at(object, 'status', 'lastEvaluatedGeneration') === generationOf(object);
  const hasDetails = at(object, 'status', 'compliancyDetails') !== undefined;
  return isTold(object) && isCurrent && hasDetails ? compliance(object, () => '') : notYet;
};

/** A policy on the hub tells clusters, its copy in a cluster tells templates. */
const policy: Rule = (object) => {
  if (at(object, 'spec', 'disabled') === true) return healthy('the policy is disabled');
  if (isTold(object)) return compliance(object, () => whoOf(object));
  const isNobody =
    at(object, 'status', 'status') === undefined && listAt(object, 'status', 'placement').length > 0;
  return isNobody ? healthy('no cluster matches it') : notYet;
};

function whoOf(object: unknown): string {
  const bad = [...listAt(object, 'status', 'status'), ...listAt(object, 'status', 'details')].filter(
    (entry) => textAt(entry, 'compliant') !== 'Compliant',
  );
  const names = bad.map((entry) => textAt(entry, 'clustername') || textAt(entry, 'templateMeta', 'name'));
  return names.length > 0 ? ` by ${names.slice(0, 10).join(', ')}` : '';
}

/** Policies of Open Cluster Management. */
export const openClusterKinds: KindTable = {
  'policy.open-cluster-management.io/CertificatePolicy': certificate,
  'policy.open-cluster-management.io/ConfigurationPolicy': configuration,
  'policy.open-cluster-management.io/OperatorPolicy': unlessStale(
    conditions(['Compliant=True', 'Healthy'], ['Compliant', 'Degraded']),
  ),
  'policy.open-cluster-management.io/Policy': policy,
};
