import { subdomainProblems } from '@meridian/cel';
import type { ExpressionScope } from '../../admission/policies/cel/check-expression.ts';
import { duplicate, invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, objectAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { itemsWithPaths } from '../validation/checks.ts';
import { textIn } from '../validation/go-fields.ts';
import { choice } from '../validation/pod/forms.ts';
import { labelSelectorErrors } from '../validation/selector-errors.ts';
import {
  reviewVersionErrors,
  reviewVersions,
  webhookAddressErrors,
} from '../validation/webhook-client-errors.ts';
import { ruleErrors } from './match-errors.ts';
import { conditionErrors } from './said-errors.ts';

// pkg/apis/admissionregistration/validation

const harmless = ['None', 'NoneOnDryRun'];
const scope: ExpressionScope = {
  hasParams: false,
  hasAuthorizer: true,
  variables: undefined,
  isMutation: false,
};

/** What is wrong with a configuration of webhooks, be they validating or mutating ones. */
export function webhookErrors(configuration: KubeObject): FieldError[] {
  const hooks = itemsWithPaths(configuration['webhooks'], 'webhooks');
  const names = hooks.map(([hook]) => textIn(hook, 'name'));
  return hooks.flatMap(([hook, path], index) => {
    const name = names[index] ?? '';
    const isRepeated = name !== '' && names.indexOf(name) < index;
    return [
      ...hookErrors(hook, path),
      ...reviewVersionErrors(
        itemsAt(hook, 'admissionReviewVersions').map(String),
        `${path}.admissionReviewVersions`,
        `must specify one of ${reviewVersions.join(', ')}`,
      ),
      ...(isRepeated ? [duplicate(`${path}.name`, name)] : []),
    ];
  });
}

function hookErrors(hook: JsonObject, path: string): FieldError[] {
  return [
    ...nameErrors(textIn(hook, 'name'), `${path}.name`),
    ...itemsWithPaths(hook['rules'], `${path}.rules`).flatMap(ruleErrors),
    ...choice(hook['failurePolicy'], `${path}.failurePolicy`, ['Fail', 'Ignore']),
    ...choice(hook['matchPolicy'], `${path}.matchPolicy`, ['Equivalent', 'Exact']),
    ...sideEffectErrors(hook['sideEffects'], `${path}.sideEffects`),
    ...timeoutErrors(hook['timeoutSeconds'], `${path}.timeoutSeconds`),
    ...labelSelectorErrors(objectAt(hook, 'namespaceSelector'), `${path}.namespaceSelector`),
    ...labelSelectorErrors(objectAt(hook, 'objectSelector'), `${path}.objectSelector`),
    ...choice(hook['reinvocationPolicy'], `${path}.reinvocationPolicy`, ['IfNeeded', 'Never']),
    ...webhookAddressErrors(objectAt(hook, 'clientConfig') ?? {}, `${path}.clientConfig`),
    ...conditionErrors(hook['matchConditions'], `${path}.matchConditions`, scope),
  ];
}

function nameErrors(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)];
  const problems = subdomainProblems(name);
  if (problems.length > 0) return [invalid(path, name, problems.join(','))];
  if (name.split('.').length >= 3) return [];
  return [invalid(path, name, 'should be a domain with at least three segments separated by dots')];
}

function sideEffectErrors(said: Json | undefined, path: string): FieldError[] {
  if (said === undefined || said === null)
    return [required(path, `must specify one of ${harmless.join(', ')}`)];
  return choice(said, path, harmless);
}

function timeoutErrors(seconds: Json | undefined, path: string): FieldError[] {
  if (typeof seconds !== 'number' || (seconds >= 1 && seconds <= 30)) return [];
  return [invalid(path, seconds, 'the timeout value must be between 1 and 30 seconds')];
}
