import { conditions, stated } from '../forms/conditions.ts';
import type { Clause } from '../forms/conditions.ts';
import { at, conditionOf, conditionsOf, textAt } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing, suspended } from '../verdict.ts';

// Source: the health checks of Argo CD for 3scale (resource_customizations), written anew.

const fine = (type: string): Clause => [`${type}=True`, 'Healthy'];
const bad = (...types: readonly string[]): Clause[] => types.map((type) => [`${type}=True`, 'Degraded']);

const manager: Rule = (object) => {
  const has = (list: string) => at(object, 'status', 'deployments', list) !== undefined;
  if (has('ready') && !has('starting') && !has('stopped')) return healthy('all its deployments are ready');
  const available = conditionOf(object, 'Available');
  if (available?.status === 'True') return healthy(stated(available));
  return available && available.reason !== ''
    ? degraded(stated(available))
    : progressing('it is not available yet');
};

const isId = (value: unknown) => typeof value === 'number' && value > 0;

const application: Rule = (object) => {
  if (textAt(object, 'status', 'state') === 'suspended') return suspended('the application is suspended');
  const found = conditionsOf(object).filter(({ type }) => type === 'Ready');
  const isReady = found.find(({ status }) => status === 'True');
  const [first] = found;
  const isKnown = isId(at(object, 'status', 'adminId'));
  if (first && first.status !== 'True' && !isKnown) return degraded(stated(first));
  return isReady ? healthy(stated(isReady)) : progressing('the application is not ready yet');
};

const developerUser: Rule = (object, nowMs) =>
  textAt(object, 'status', 'developerUserState') === 'suspended'
    ? suspended('the user waits for an approval')
    : developer(object, nowMs);

const developer = conditions(fine('Ready'), ...bad('Invalid', 'Orphan', 'Failed'));

const tenant: Rule = (object) => {
  const found = conditionsOf(object).filter(({ type }) => type === 'Ready');
  const hasIds = isId(at(object, 'status', 'tenantId')) && isId(at(object, 'status', 'adminId'));
  if (hasIds && found.some(({ status }) => status === 'True')) return healthy('the tenant is ready');
  const wrong = found.find(({ status }) => status !== 'True');
  return wrong ? degraded(stated(wrong)) : progressing('the tenant is not ready yet');
};

/** 3scale. */
export const threescaleKinds: KindTable = {
  'apps.3scale.net/APIManager': manager,
  'capabilities.3scale.net/ActiveDoc': conditions(fine('Ready'), ...bad('Invalid', 'Orphan', 'Failed')),
  'capabilities.3scale.net/Application': application,
  'capabilities.3scale.net/ApplicationAuth': conditions(fine('Ready'), ...bad('Failed')),
  'capabilities.3scale.net/Backend': conditions(fine('Synced'), ...bad('Invalid', 'Failed')),
  'capabilities.3scale.net/CustomPolicyDefinition': conditions(fine('Ready'), ...bad('Invalid', 'Failed')),
  'capabilities.3scale.net/DeveloperAccount': conditions(fine('Ready'), ...bad('Invalid', 'Failed'), [
    'Waiting=True',
    'Suspended',
  ]),
  'capabilities.3scale.net/DeveloperUser': developerUser,
  'capabilities.3scale.net/OpenAPI': conditions(fine('Ready'), ...bad('Invalid', 'Failed')),
  'capabilities.3scale.net/Product': conditions(fine('Synced'), ...bad('Invalid', 'Orphan', 'Failed')),
  'capabilities.3scale.net/ProxyConfigPromote': conditions(
    fine('Ready'),
    ['In-progress=True', 'Progressing'],
    ...bad('Failed'),
  ),
  'capabilities.3scale.net/Tenant': tenant,
};
